package org.iommusim.iommufd.eventq;

import org.iommusim.hw.driver.IommuFault;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;

/** What becomes of a group of page requests (io-pgfault.c): who owns it, its answer, its end. */
public final class Iopf extends Frame {
    /** What the methods of a group and of its fault parameter touch. */
    public static final Footprint GROUP = Footprint.of(FaultParam.PARAM, IopfGroup.GROUP);

    /** From here on the group belongs to the caller: a device that leaves its queue does not answer and free it. */
    private static final Program<Iopf> DEQUEUE = Program.<Iopf>named("iopf_group_dequeue")
            .lock("fault_param->lock", f -> f.group.param().lock())
            .step(
                    "list_del_init pending_node",
                    GROUP,
                    f -> f.group.param().faults().remove(f.group))
            .build();

    private static final Program<Iopf> RESPONSE = Program.<Iopf>named("iopf_group_response")
            .lock("fault_param->lock", f -> f.group.param().lock())
            .invoke("page_response", Iopf::pageResponse)
            .step(
                    "list_del_init pending_node",
                    GROUP,
                    f -> f.group.param().faults().remove(f.group))
            .build();

    private static final Program<Iopf> FREE = Program.<Iopf>named("iopf_free_group")
            .step("iopf_put_dev_fault_param", GROUP, f -> f.group.param().put())
            .step("kfree group", GROUP, f -> f.group.free())
            .build();

    private static final Program<Iopf> RESPOND_AND_FREE = Program.<Iopf>named("answer a group")
            .invokeIgnoringError("iopf_group_response", f -> new Call<>(RESPONSE, f))
            .invoke("iopf_free_group", f -> new Call<>(FREE, f))
            .build();

    private final IopfGroup group;
    private final int code;

    private Iopf(IopfGroup group, int code) {
        super(group.param().kernel().world());
        this.group = group;
        this.code = code;
    }

    /** {@code iopf_group_dequeue}: takes the group over from the core. */
    public static Call<?> dequeue(IopfGroup group) {
        return new Call<>(DEQUEUE, new Iopf(group, 0));
    }

    /** {@code iopf_group_response} and {@code iopf_free_group}: answers a group and forgets it. */
    public static Call<?> respondAndFree(IopfGroup group, int code) {
        return new Call<>(RESPOND_AND_FREE, new Iopf(group, code));
    }

    /** {@code iopf_free_group}: forgets a group that was answered. */
    public static Call<?> free(IopfGroup group) {
        return new Call<>(FREE, new Iopf(group, 0));
    }

    /** As {@link #respondAndFree} with {@link IommuFault#RESP_INVALID}: nobody handles it any more. */
    static Call<?> giveUp(IopfGroup group) {
        return respondAndFree(group, IommuFault.RESP_INVALID);
    }

    private Call<?> pageResponse() {
        FaultParam param = group.param();
        param.kernel().tell(FaultWatcher.class, watcher -> watcher.answered(group));
        return param.master().driver().pageResponse(param.master(), group.lastFault(), code);
    }
}
