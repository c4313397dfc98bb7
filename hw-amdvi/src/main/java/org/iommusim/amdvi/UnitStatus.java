package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.world.LongCell;

/**
 * The status register and what it tells: conditions that software clears by writing 1, and what runs.
 *
 * <p>Rules: a condition sets its bit whether or not its interrupt is enabled, but for EventLogInt, which is set only with
 * EventIntEn (as QEMU and OpenVMM have it, and as recorded); the message goes out when bit and enable are both 1 and were not
 * before. So a condition that comes up while its bit is set is not told again, and one that is set when
 * its interrupt becomes enabled is told then.
 *
 * <p>Erratum 1312, if asked for: for some cycles after software has cleared a bit, a condition sets it but sends no message.
 * Software that does not look again misses it.
 */
final class UnitStatus implements EventHandler {
    private static final long EVENTS = Status.EVT_OVERFLOW | Status.EVT_LOG_INT;
    private static final long PAGES = Status.PPR_OVERFLOW | Status.PPR_INT;
    private static final long GUESTS = Status.GA_LOG_OVERFLOW | Status.GA_LOG_INT;
    private static final long CLEARABLE = EVENTS | PAGES | GUESTS | Status.COM_WAIT_INT;

    private final RegisterFile registers;
    private final Interrupts interrupts;
    private final Scheduler scheduler;
    private final ClockDomain clock;
    private final Lane race;
    private final int raceCycles;
    /** Bits that were just cleared, as erratum 1312 has it. */
    private final LongCell racing;

    UnitStatus(Simulation sim, String name, AmdViParameters p, RegisterFile registers, Interrupts interrupts) {
        this.registers = registers;
        this.interrupts = interrupts;
        scheduler = sim.scheduler();
        clock = p.clock();
        raceCycles = p.value("status_race_cycles");
        race = scheduler.newLane(name + " status", Phase.HARDWARE);
        racing = new LongCell(sim.world(), RegisterFile.REGISTER, sim.world().nextInstance(), 0);
    }

    private long bits() {
        return registers.get(Reg.STATUS);
    }

    /** A condition has come up. */
    void raise(long bit) {
        if (bit == Status.EVT_LOG_INT && !Control.EVENT_INT_EN.isSet(registers.control())) {
            return;
        }
        boolean known = (bits() & bit) != 0;
        registers.show(Reg.STATUS, bits() | bit);
        if (!known && (racing.get() & bit) == 0) {
            send(bit & enabled(registers.control()));
        }
    }

    /** Something starts or stops to run. */
    void run(long bit, boolean runs) {
        registers.show(Reg.STATUS, runs ? bits() | bit : bits() & ~bit);
    }

    /** True if a bit is set. */
    boolean is(long bit) {
        return (bits() & bit) != 0;
    }

    /** Software writes 1 to bits. */
    void written(long ones) {
        long cleared = bits() & ones & CLEARABLE;
        registers.show(Reg.STATUS, bits() & ~cleared);
        if (raceCycles > 0 && cleared != 0) {
            scheduler.cancel(race);
            racing.set(racing.get() | cleared);
            scheduler.at(race, clock.edgeAtOrAfter(scheduler.now()) + clock.cycles(raceCycles), this, 0, 0);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        racing.set(0);
    }

    /** The control register has changed: what waited for an enable is told. */
    void controlChanged(long before) {
        send(bits() & enabled(registers.control()) & ~enabled(before));
    }

    /** The bits whose interrupt is enabled. */
    private static long enabled(long control) {
        return (Control.EVENT_INT_EN.isSet(control) ? EVENTS : 0)
                | (Control.COM_WAIT_INT_EN.isSet(control) ? Status.COM_WAIT_INT : 0)
                | (Control.PPR_INT_EN.isSet(control) ? PAGES : 0)
                | (Control.GA_INT_EN.isSet(control) ? GUESTS : 0);
    }

    private void send(long bits) {
        if ((bits & (EVENTS | Status.COM_WAIT_INT)) != 0) {
            interrupts.events().raise();
        }
        if ((bits & PAGES) != 0) {
            interrupts.pages().raise();
        }
        if ((bits & GUESTS) != 0) {
            interrupts.guests().raise();
        }
    }
}
