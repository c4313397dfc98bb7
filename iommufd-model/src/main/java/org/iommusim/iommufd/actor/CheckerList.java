package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.hw.check.TornRead;
import org.iommusim.iommufd.check.CompletedBeforeInvalidated;
import org.iommusim.iommufd.check.DmaOwnerOnce;
import org.iommusim.iommufd.check.EventVsid;
import org.iommusim.iommufd.check.FaultResponse;
import org.iommusim.iommufd.check.ForcedDestroy;
import org.iommusim.iommufd.check.HalfMade;
import org.iommusim.iommufd.check.HardwareStateOrder;
import org.iommusim.iommufd.check.IdReuse;
import org.iommusim.iommufd.check.Leak;
import org.iommusim.iommufd.check.MustSucceed;
import org.iommusim.iommufd.check.OneVdevice;
import org.iommusim.iommufd.check.SpuriousBusy;
import org.iommusim.iommufd.check.UnbindLockSleep;
import org.iommusim.iommufd.check.WrongContext;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.check.Deadlock;
import org.iommusim.sim.program.check.LockHeldAtExit;
import org.iommusim.sim.program.check.LockOrder;
import org.iommusim.sim.program.check.LostWakeup;
import org.iommusim.sim.program.check.SleepInAtomic;
import org.iommusim.sim.program.check.UnboundedWait;

/** Every name under which a finding can be reported, with what is held true. */
public final class CheckerList {
    /** What the models notice themselves, whether somebody checks or not. */
    private static final List<CheckerInfo> BUILT_IN = List.of(
            new CheckerInfo("boot", "the machine boots: every IOMMU driver probes its hardware"),
            new CheckerInfo(Kernel.WARN, "the kernel reaches none of its own warnings, whatever user space does"),
            new CheckerInfo(Kernel.USE_AFTER_FREE, "nobody uses a kernel object that was freed"),
            new CheckerInfo("freed-page", "no access, by software or by hardware, reaches a page that was freed"),
            new CheckerInfo("freed-pinned-page", "no page is freed while it is pinned"));

    /** What is attached when a run or an exploration is checked. */
    private static final List<CheckerInfo> ATTACHED = List.of(
            new CheckerInfo("stale-translation", "no translation is used after its invalidation was completed"),
            TornRead.INFO,
            new CheckerInfo("unexpected-errno", "every step answers what its script allows"),
            SleepInAtomic.INFO,
            LockOrder.INFO,
            LockHeldAtExit.INFO,
            Deadlock.INFO,
            UnboundedWait.INFO,
            LostWakeup.INFO,
            UnbindLockSleep.INFO,
            MustSucceed.INFO,
            ForcedDestroy.INFO,
            IdReuse.INFO,
            SpuriousBusy.INFO,
            OneVdevice.INFO,
            HalfMade.INFO,
            HardwareStateOrder.INFO,
            WrongContext.INFO,
            EventVsid.INFO,
            DmaOwnerOnce.INFO,
            FaultResponse.INFO,
            CompletedBeforeInvalidated.INFO,
            Leak.INFO,
            References.INFO,
            NotRestored.INFO,
            GuestBypass.INFO);

    private CheckerList() {}

    /** What the models notice themselves, whether somebody checks or not. */
    public static List<CheckerInfo> builtIn() {
        return BUILT_IN;
    }

    /** What is attached when a run or an exploration is checked. */
    public static List<CheckerInfo> attached() {
        return ATTACHED;
    }
}
