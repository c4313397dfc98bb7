package org.iommusim.scenario.explore;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.scenario.explore.ScheduleLine.Kind;
import org.iommusim.sim.check.Violation;

/** A schedule as a replay keeps it, made by hand, so that what it looks like does not change with the models. */
public final class SyntheticSchedule {
    private static final String ABORT = "iommufd_vdevice_abort";
    private static final String UNBIND = "iommufd_device_unbind";

    private final List<ScheduleRow> rows = new ArrayList<>();
    private List<List<String>> locks = List.of(List.of(), List.of(), List.of());
    private List<String> waits = List.of("", "", "");

    private SyntheticSchedule() {}

    /** Close frees the group while a DESTROY still holds its lock; a piece of hardware looks on. */
    public static ReplayedSchedule freedGroup() {
        SyntheticSchedule s = new SyntheticSchedule();
        s.row(1, List.of(), new ScheduleLine(Kind.CALL, "IOMMU_DESTROY", "id=$vdev(5)"));
        s.holding(List.of(), List.of("igroup->lock"), List.of()).row(1, List.of(), step(ABORT, "igroup->lock"));
        s.row(
                0,
                List.of(),
                new ScheduleLine(Kind.CALL, "close", "fd=$vfio(4)"),
                step("close", "release"),
                step(UNBIND, "igroup->lock"));
        s.waiting("igroup->lock", "", "").row(0, List.of());
        s.row(2, List.of(), new ScheduleLine(Kind.HARDWARE, "", "CMD_SYNC; done #1"));
        s.holding(List.of("igroup->lock"), List.of(), List.of())
                .waiting("", "", "")
                .row(1, List.of(0), step(ABORT, "idev->users--"), step(ABORT, "unlock igroup->lock"));
        s.holding(List.of(), List.of(), List.of()).row(0, List.of(), step(UNBIND, "unlock igroup->lock"));
        s.row(
                0,
                List.of(),
                step("iommufd_device_destroy", "kfree igroup"),
                new ScheduleLine(Kind.CHANGE, "", "DEVICE 1 destroyed"),
                new ScheduleLine(Kind.RETURN, "close", "OK"));
        s.row(1, List.of(), step("unlock", "last touch of igroup->lock"));
        return s.ending(
                List.of("close(vfio)", "IOMMU_DESTROY(vdev)", ""),
                "use-after-free",
                "t2 last touches igroup->lock after it was freed by vmm in iommufd_device_destroy: kfree igroup");
    }

    /** Two threads that wait for each other. */
    public static ReplayedSchedule deadlock() {
        SyntheticSchedule s = new SyntheticSchedule();
        s.holding(List.of("ioas.mutex"), List.of(), List.of()).row(0, List.of(), step("a", "ioas.mutex"));
        s.holding(List.of("ioas.mutex"), List.of("igroup->lock"), List.of())
                .row(1, List.of(), step("b", "igroup->lock"));
        s.waiting("igroup->lock", "", "").row(0, List.of(), step("a", "igroup->lock"));
        s.waiting("igroup->lock", "ioas.mutex", "").row(1, List.of(), step("b", "ioas.mutex"));
        return s.ending(List.of("IOMMU_HWPT_ALLOC(ioas)", "close(vfio)", ""), "deadlock", "vmm and t2 never go on");
    }

    /** A warning in the midst of another one's step. */
    public static ReplayedSchedule warning() {
        SyntheticSchedule s = new SyntheticSchedule();
        s.row(1, List.of(), new ScheduleLine(Kind.CALL, "IOMMU_DESTROY", "id=$vdev(5)"), step(ABORT, "unlink"));
        s.row(0, List.of(), new ScheduleLine(Kind.CALL, "close", "fd=$vfio(4)"), step(UNBIND, "destroy"));
        return s.ending(
                List.of("close(vfio)", "IOMMU_DESTROY(vdev)", ""), "WARN", "DEVICE 1 cannot be destroyed: EBUSY");
    }

    private static ScheduleLine step(String program, String step) {
        return new ScheduleLine(Kind.STEP, program, step);
    }

    private SyntheticSchedule holding(List<String> vmm, List<String> t2, List<String> smmu) {
        locks = List.of(vmm, t2, smmu);
        return this;
    }

    private SyntheticSchedule waiting(String vmm, String t2, String smmu) {
        waits = List.of(vmm, t2, smmu);
        return this;
    }

    private void row(int lane, List<Integer> woken, ScheduleLine... lines) {
        rows.add(new ScheduleRow(rows.size() + 1, lane, List.of(lines), locks, waits, woken));
    }

    private ReplayedSchedule ending(List<String> calls, String checker, String message) {
        return new ReplayedSchedule(
                List.of("vmm", "t2", "smmu0 cmdq"),
                calls,
                rows,
                List.of(new Violation(0, checker, message)),
                "",
                "00ff");
    }
}
