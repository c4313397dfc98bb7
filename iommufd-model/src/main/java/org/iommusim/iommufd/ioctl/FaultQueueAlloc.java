package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_FAULT_QUEUE_ALLOC (eventq.c). Errors: EOPNOTSUPP (flags), ENOMEM, EMFILE, EFAULT. The dispatch publishes the object,
 * or puts its file and aborts it.
 */
public final class FaultQueueAlloc extends EventqIoctl {
    private static final String NAME = "IOMMU_FAULT_QUEUE_ALLOC";
    private static final Program<FaultQueueAlloc> PROGRAM = program();

    private final RefCell<Fault> fault = ref();

    private FaultQueueAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<FaultQueueAlloc> program() {
        Program.Builder<FaultQueueAlloc> b = Program.named(NAME);
        b.check("flags", f -> f.ucmd.u32("flags") == 0, Errno.EOPNOTSUPP);
        b.attempt("iommufd_object_alloc", HostCost.ALLOCATE, ObjectPrograms.ENTRY, FaultQueueAlloc::allocate);
        open(b, FaultQueueAlloc::fault);
        respond(b, NAME);
        install(b, FaultQueueAlloc::fault);
        return b.build();
    }

    /** The ioctl's handler with its frame. */
    static Call<FaultQueueAlloc> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new FaultQueueAlloc(ucmd));
    }

    /** The same without user memory; the caller has the file's first reference. */
    public static Call<FaultQueueAlloc> call(IommufdCtx ctx) {
        return call(Ucmd.of(ctx, Ucmd.structure(IommufdIoctl.FAULT_QUEUE_ALLOC)));
    }

    private int allocate() {
        Fault made = new Fault(ctx);
        int error = reserve(NAME, made);
        if (error == 0) {
            fault.set(made);
            newObj().set(made);
        }
        return error;
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_fault_id", fault().id()).set("out_fault_fd", fd());
    }

    /** The queue; after success. */
    public Fault fault() {
        return fault.require();
    }
}
