package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/** Frame of a command of a VFIO container, with its structure in user memory if it has one. */
abstract class VfioFrame extends Frame {
    /** The context. */
    final IommufdCtx ctx;
    /** Who asks. */
    final Process process;
    /** A number, or where the structure is. */
    final long argument;
    /** The compat IOAS, from {@link #compatIoas} on. */
    final RefCell<Ioas> ioas = ref();
    /** The structure as it came, from {@link #copyIn} on. */
    final RefCell<StructImage> input = ref();

    VfioFrame(IommufdCtx ctx, Caller caller, long argument) {
        super(ctx.kernel().world());
        this.ctx = ctx;
        process = caller.process();
        this.argument = argument;
    }

    /** Adds the copy of the structure's known part. Errors: EFAULT, EINVAL (argsz below what the kernel demands). */
    static <F extends VfioFrame> Program.Builder<F> copyIn(Program.Builder<F> program, StructLayout layout) {
        return program.attempt(
                        "copy_from_user", HostCost.USER_COPY, UserMemory.ACCESS, f -> ((VfioFrame) f).copyIn(layout))
                .check("argsz", f -> ((VfioFrame) f).argsz() >= layout.minSize(), Errno.EINVAL);
    }

    /** Adds {@code get_compat_ioas}. Error: ENODEV. */
    static <F extends VfioFrame> Program.Builder<F> compatIoas(Program.Builder<F> program) {
        VfioIoas.compatIoas(program, f -> ((VfioFrame) f).ctx, f -> ((VfioFrame) f).ioas);
        return program;
    }

    private int copyIn(StructLayout layout) {
        byte[] bytes = new byte[layout.size()];
        int error = process.copyFromUser(argument, bytes, 0, layout.minSize());
        input.set(layout.image(bytes));
        return error;
    }

    /** How long user space's structure is, as it says. */
    final long argsz() {
        return input.require().unsigned("argsz");
    }

    /** A field of 64 bits. */
    final long u64(String field) {
        return input.require().u64(field);
    }

    /** The field {@code flags}. */
    final int flags() {
        return input.require().u32("flags");
    }

    /** Writes the first bytes of the structure back. Error: EFAULT. */
    final int copyOut(StructWriter out, int bytes) {
        return process.copyToUser(argument, out.image().bytes(), 0, bytes);
    }
}
