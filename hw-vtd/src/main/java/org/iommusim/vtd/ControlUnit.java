package org.iommusim.vtd;

import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;

/**
 * What software talks to: registers, invalidation queue, fault records, page request queue, interrupts. This class puts
 * them together; what translates requests is on the other side of {@link InvalidationTarget}.
 */
final class ControlUnit {
    private final InvalidationTarget target;
    private final WaitQueue changed;
    private final RegisterFile registers;
    private final Interrupts interrupts;
    private final FaultRecorder faults;
    private final AtcInvalidations atcs;
    private final PageRequestQueue pages;
    private final InvalidationQueue queue;
    private final Invalidation byRegister;
    /** The granularity that IOTLB will say is done; 0 if no command waits for requests under way. */
    private int draining;

    private int drainUntil;
    /** A table or an enable has changed, and what was under way is not through. */
    private boolean switching;

    private int switchUntil;
    private int promised;

    /**
     * A unit in its reset state.
     *
     * @param version what VER says
     * @param target where invalidations take effect
     * @param check who knows whether a function may make page requests
     */
    ControlUnit(
            Simulation sim,
            String name,
            VtdParameters p,
            Cap cap,
            int version,
            RequestPort port,
            PhysicalMemory memory,
            WaitQueue changed,
            InvalidationTarget target,
            PageRequestQueue.Check check,
            Mistakes mistakes) {
        this.target = target;
        this.changed = changed;
        boolean alwaysDrains = version >>> 4 >= 2;
        boolean byParts = p.flag("partial_invalidation");
        byRegister = new Invalidation(mistakes, byParts, alwaysDrains);
        registers = new RegisterFile(sim, name, p, cap, version, changed, new RegisterWrites());
        interrupts = new Interrupts(sim.scheduler(), name, registers, port, memory);
        faults = new FaultRecorder(sim, name, p, registers, interrupts);
        queue = new InvalidationQueue(
                this, sim, name, p, target, new Invalidation(mistakes, byParts, alwaysDrains), port, memory);
        atcs = new AtcInvalidations(
                queue, sim, name, p.value("devtlb_tags"), p.value("devtlb_timeout_us") * 1_000_000L);
        pages = new PageRequestQueue(sim, name, check, atcs, registers, interrupts, port, memory);
        pages.whenSettled(queue.waits()::pageRequestSettled);
    }

    WaitQueue changed() {
        return changed;
    }

    RegisterFile registers() {
        return registers;
    }

    Interrupts interrupts() {
        return interrupts;
    }

    FaultRecorder faults() {
        return faults;
    }

    AtcInvalidations atcs() {
        return atcs;
    }

    PageRequestQueue pages() {
        return pages;
    }

    InvalidationQueue queue() {
        return queue;
    }

    /** A request for which an invalidation had to wait is carried out. */
    void flightsDrained() {
        queue.waits().flightsDrained();
        if (switching && !target.awaited(switchUntil)) {
            switching = false;
            switchUntil = 0;
            registers.settled();
        }
        if (draining != 0 && !target.awaited(drainUntil)) {
            int granularity = draining;
            draining = 0;
            target.completed("IOTLB", Math.min(promised, target.promises()));
            promised = 0;
            drainUntil = 0;
            registers.byRegister().iotlbInvalidated(granularity);
        }
    }

    /** Passes on what registers set in motion. */
    private final class RegisterWrites implements RegisterFile.Listener {
        /** With ESRTPS, taking over a root table drops everything that was made from the old one. */
        @Override
        public void rootTableSet() {
            if (registers.cap().esrtps()) {
                forgetTranslations();
            }
            settle();
        }

        /** The command is done when the requests under way are that an invalidation has to wait for. */
        private void settle() {
            switching = true;
            switchUntil = target.invalidations();
            flightsDrained();
        }

        private void forgetTranslations() {
            target.issued(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0), 0);
            byRegister.contextGlobal();
            target.invalidate(byRegister);
            target.issued(Inv.pasidCache0(Inv.G_PASID_CACHE_GLOBAL, 0, 0), 0);
            byRegister.pasidCacheGlobal();
            target.invalidate(byRegister);
            target.issued(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true), 0);
            byRegister.iotlbGlobal();
            target.invalidate(byRegister);
        }

        /** Units with scalable mode forget everything when translation goes off, and so do interrupts with ESIRTPS. */
        @Override
        public void enablesChanged(int off) {
            if ((off & Reg.TE) != 0 && registers.cap().smts()) {
                forgetTranslations();
            }
            if ((off & Reg.IRE) != 0) {
                forgetInterrupts();
            }
            target.drain();
            settle();
        }

        @Override
        public void interruptTableSet() {
            forgetInterrupts();
            settle();
        }

        private void forgetInterrupts() {
            if (registers.cap().esirtps()) {
                target.invalidate(InterruptRemapping.Entries.ALL);
            }
        }

        @Override
        public void queueChanged(boolean tailWritten) {
            queue.changed(tailWritten);
        }

        @Override
        public boolean queueWorking() {
            return queue.working();
        }

        @Override
        public void queueDisabled() {
            queue.disabled();
        }

        @Override
        public void invalidateContexts(long ccmd) {
            int granularity = Described.describeContexts(byRegister, ccmd);
            if (granularity != 0) {
                target.issued(
                        Inv.context0(
                                granularity,
                                (int) ccmd & 0xffff,
                                (int) (ccmd >>> Reg.CCMD_SID_SHIFT) & 0xffff,
                                (int) (ccmd >>> Reg.CCMD_FM_SHIFT) & 3),
                        0);
                target.invalidate(byRegister);
            }
            registers.byRegister().contextInvalidated(granularity);
        }

        @Override
        public void invalidateIotlb(long iotlb, long iva) {
            int granularity = Described.describeTables(byRegister, iotlb, iva, registers.cap());
            if (granularity == 0) {
                registers.byRegister().iotlbInvalidated(0);
                return;
            }
            target.issued(Inv.iotlb0(granularity, (int) (iotlb >>> Reg.IOTLB_DID_SHIFT) & 0xffff, true, true), iva);
            target.invalidate(byRegister);
            draining = granularity;
            drainUntil = target.invalidations();
            promised = target.promises();
            flightsDrained();
        }
    }
}
