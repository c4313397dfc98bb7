package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;

/**
 * What software talks to: registers, command buffer, event log, PPR log, guest virtual APIC log, interrupts. This class puts them together and applies
 * the control register; what translates requests is on the other side of {@link InvalidationTarget} and {@link UnitState}.
 */
final class ControlUnit {
    private static final long PS_PER_MS = 1_000_000_000L;

    private final Simulation sim;
    private final WaitQueue changed;
    private final EventCounters counters;
    private final RegisterFile registers;
    private final Interrupts interrupts;
    private final UnitStatus status;
    private final EventLog events;
    private final CommandBuffer commands;
    private final PprLog pages;
    private final GaLog guests;

    /**
     * A unit in its reset state.
     *
     * @param efr what it offers
     * @param target where invalidations take effect
     * @param check who knows whether a function may make page requests
     */
    ControlUnit(
            Simulation sim,
            String name,
            AmdViParameters p,
            Efr efr,
            RequestPort port,
            PhysicalMemory memory,
            WaitQueue changed,
            InvalidationTarget target,
            PprLog.Check check) {
        this.sim = sim;
        this.changed = changed;
        counters = new EventCounters(sim.world(), p);
        registers = new RegisterFile(sim, efr, counters, changed, new RegisterWrites());
        interrupts = new Interrupts(sim.scheduler(), name, registers, port, memory);
        status = new UnitStatus(sim, name, p, registers, interrupts);
        events = new EventLog(sim, name, p, registers, status, port, memory);
        commands = new CommandBuffer(this, name, p, target, port, memory);
        pages = new PprLog(sim, name, p, check, commands.atcs(), registers, status, events, port, memory);
        guests = new GaLog(sim, name, registers, status, port, memory);
    }

    Simulation simulation() {
        return sim;
    }

    WaitQueue changed() {
        return changed;
    }

    EventCounters counters() {
        return counters;
    }

    RegisterFile registers() {
        return registers;
    }

    Interrupts interrupts() {
        return interrupts;
    }

    UnitStatus status() {
        return status;
    }

    EventLog events() {
        return events;
    }

    CommandBuffer commands() {
        return commands;
    }

    AtcInvalidations atcs() {
        return commands.atcs();
    }

    PprLog pages() {
        return pages;
    }

    GaLog guests() {
        return guests;
    }

    /** A request for which an invalidation had to wait is carried out. */
    void flightsDrained() {
        commands.flightsDrained();
    }

    /** Passes on what registers set in motion. */
    private final class RegisterWrites implements RegisterFile.Listener {
        @Override
        public void controlChanged(long before) {
            long now = registers.control();
            atcs().timeout(Control.invTimeoutMillis(now) * PS_PER_MS);
            startOrStop(Status.EVT_LOG_RUN, EventLog.enabled(before), EventLog.enabled(now), Status.EVT_OVERFLOW);
            startOrStop(Status.PPR_LOG_RUN, PprLog.enabled(before), PprLog.enabled(now), Status.PPR_OVERFLOW);
            startOrStop(Status.GA_LOG_RUN, GaLog.enabled(before), GaLog.enabled(now), Status.GA_LOG_OVERFLOW);
            startOrStop(Status.CMD_BUF_RUN, CommandBuffer.enabled(before), CommandBuffer.enabled(now), 0);
            if (CommandBuffer.enabled(before) && !CommandBuffer.enabled(now)) {
                commands.disabled();
            }
            commands.wake();
            status.controlChanged(before);
        }

        /** What was stopped by an error starts again only when it is switched off and on. */
        private void startOrStop(long run, boolean was, boolean is, long obstacle) {
            if (was != is) {
                status.run(run, is && !status.is(obstacle));
            }
        }

        @Override
        public void commandsChanged() {
            commands.wake();
        }

        @Override
        public void statusWritten(long bits) {
            status.written(bits);
        }
    }
}
