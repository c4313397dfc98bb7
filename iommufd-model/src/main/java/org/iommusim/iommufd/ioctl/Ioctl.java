package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.FieldType;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code iommufd_fops_ioctl}: what surrounds every ioctl. Errors in this order: those of the VFIO handler for a number that
 * the table has no slot for, EFAULT (the size), ENOTTY (an empty slot, or other direction or type bits), EINVAL (size below
 * the minimum), E2BIG (a byte behind the structure is not zero) or EFAULT, those of the handler.
 */
public final class Ioctl extends Frame {
    private static final Program<Ioctl> EXECUTE = Program.<Ioctl>named("iommufd_fops_ioctl")
            .invokeForAnswer("execute", f -> f.handler.get(), (f, e) -> f.error.set(e))
            // The handler's references are put already; nobody can find the object before this.
            .when(
                    "new_obj",
                    f -> f.newObj() != null,
                    b -> b.either(
                            "succeeded",
                            f -> f.error.get() == 0,
                            c -> c.step(
                                    "iommufd_object_finalize",
                                    ObjectPrograms.ENTRY,
                                    f -> f.ctx.objects().finalizeObject(f.requireNewObj())),
                            c -> c.invoke(
                                    "iommufd_object_abort_and_destroy",
                                    f -> ObjectPrograms.abortAndDestroy(f.requireNewObj()))))
            .finish("return", f -> f.error.get())
            .build();

    private final IommufdCtx ctx;
    private final RefCell<Call<?>> handler = ref();
    private final IntCell error = count();

    private Ioctl(IommufdCtx ctx) {
        super(ctx.kernel().world());
        this.ctx = ctx;
    }

    /** The system call around a handler on a context's file, whose command is not in user memory. Error: EBADF. */
    public static Call<?> call(IommufdCtx ctx, Call<?> handler) {
        return SystemCall.ioctl(new IommufdFile(ctx, IoctlTable.LINUX), execute(ctx, handler));
    }

    private static Call<?> execute(IommufdCtx ctx, Call<?> handler) {
        Ioctl frame = new Ioctl(ctx);
        frame.handler.set(handler);
        return new Call<>(EXECUTE, frame);
    }

    /** The ioctl operation of the file, with its command in user memory. */
    static Call<?> fromUser(IommufdFile file, Caller caller, int number, long argument, LongCell result) {
        return CopyIn.call(file, caller, number, argument, result);
    }

    private @Nullable IommufdObject newObj() {
        return handler.require().frame() instanceof IoctlFrame frame
                ? frame.newObj().get()
                : null;
    }

    private IommufdObject requireNewObj() {
        IommufdObject made = newObj();
        if (made == null) {
            throw new IllegalStateException("the handler left no new object");
        }
        return made;
    }

    /** The part before the handler, which a command in user memory needs. */
    private static final class CopyIn extends Frame {
        private static final Program<CopyIn> PROGRAM = Program.<CopyIn>named("iommufd_fops_ioctl from user")
                .when(
                        "no slot",
                        f -> !f.file.table().covers(f.number),
                        b -> b.invoke(
                                        "iommufd_vfio_ioctl",
                                        f -> VfioIoctl.call(f.file.ctx(), f.caller, f.number, f.argument, f.result))
                                .succeed("VFIO answered"))
                .attempt("get_user size", HostCost.LOCAL, UserMemory.ACCESS, CopyIn::size)
                .check("op->ioctl_num", f -> f.op() != null, Errno.ENOTTY)
                .check("size", f -> f.size.get() >= f.requireOp().layout().minSize(), Errno.EINVAL)
                .attempt("copy_struct_from_user", HostCost.USER_COPY, UserMemory.ACCESS, CopyIn::copy)
                .invoke("execute", f -> execute(f.file.ctx(), f.handler()))
                .build();

        private final IommufdFile file;
        private final Caller caller;
        private final int number;
        private final long argument;
        private final LongCell result;
        private final LongCell size = num();
        private final RefCell<StructImage> input = ref();

        private CopyIn(IommufdFile file, Caller caller, int number, long argument, LongCell result) {
            super(file.kernel().world());
            this.file = file;
            this.caller = caller;
            this.number = number;
            this.argument = argument;
            this.result = result;
        }

        static Call<?> call(IommufdFile file, Caller caller, int number, long argument, LongCell result) {
            return new Call<>(PROGRAM, new CopyIn(file, caller, number, argument, result));
        }

        private @Nullable IoctlHandler op() {
            return file.table().find(number);
        }

        private IoctlHandler requireOp() {
            IoctlHandler op = op();
            if (op == null) {
                throw new IllegalStateException("no handler of " + Integer.toHexString(number));
            }
            return op;
        }

        private int size() {
            byte[] word = new byte[FieldType.U32.bytes()];
            int errno = caller.process().copyFromUser(argument, word);
            size.set(FieldType.U32.read(word, 0));
            return errno;
        }

        private int copy() {
            byte[] bytes = new byte[requireOp().layout().size()];
            int errno = caller.process().copyStructFromUser(argument, bytes, size.get());
            input.set(requireOp().layout().image(bytes));
            return errno;
        }

        /** The handler of the command; its answer meets a missing page if the caller says so. */
        private Call<?> handler() {
            Call<?> handler = requireOp().execute().apply(ucmd());
            if (handler.frame() instanceof IoctlFrame frame) {
                frame.userFault(caller.userFaultPs());
            }
            return handler;
        }

        private Ucmd ucmd() {
            return Ucmd.fromUser(file.ctx(), caller, input.require(), argument, size.get());
        }
    }
}
