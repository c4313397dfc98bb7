package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.FieldType;
import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.eventq.EventqFile;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.IoctlTable;
import org.iommusim.iommufd.ioctl.IommufdFile;
import org.iommusim.iommufd.mm.MmapFlag;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioAttach;
import org.iommusim.iommufd.vfio.VfioDevice;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;

/** Programs of the verbs of {@link VmmVerbs}. */
final class VmmBodies {
    /** What a read takes if nothing is said. */
    private static final long READ_BYTES = 4096;
    /** How many 64-bit words of what was read are told. */
    private static final int WORDS_SHOWN = 8;

    private static final Program<Memory> MMAP = Program.<Memory>named("mmap")
            .spend(
                    "clear pages",
                    f -> f.bytes / 4096 * f.vmm.machine().simulation().costs().ps(HostCost.ALLOCATE))
            .attempt("mmap", HostCost.IOCTL_ENTRY, Process.MM, f -> {
                f.result.set(f.vmm.process().mmap(f.bytes, f.huge));
                return f.result.get() < 0 ? (int) f.result.get() : 0;
            })
            .build();

    private static final Program<Memory> MUNMAP = Program.<Memory>named("munmap")
            .attempt(
                    "munmap",
                    HostCost.IOCTL_ENTRY,
                    Process.MM,
                    f -> f.vmm.process().munmap(f.va, f.bytes))
            .build();

    private static final Program<Exit> EXIT = Program.<Exit>named("do_exit")
            .step(
                    "exit_mm",
                    HostCost.IOCTL_ENTRY,
                    Process.MM,
                    f -> f.vmm.process().exit())
            .step("next file", HostCost.LOCAL, Footprint.of(FileTable.FILES), Exit::next)
            .loop(
                    "each file",
                    f -> f.fd.get() >= 0,
                    b -> b.invokeIgnoringError("close", f -> SystemCall.close(f.vmm.caller(), f.fd.get()))
                            .step("next file after it", HostCost.LOCAL, Footprint.of(FileTable.FILES), Exit::next))
            .build();

    private VmmBodies() {}

    static VmmActor vmm(StepArguments step) {
        if (step.actor() instanceof VmmActor vmm) {
            return vmm;
        }
        if (step.actor() instanceof ThreadActor thread) {
            return thread.vmm();
        }
        throw step.problem("only a VMM can do this");
    }

    /** Where the structures of this step's system call lie: no two threads share it. */
    static long scratch(StepArguments step) {
        return step.actor() instanceof ThreadActor thread
                ? thread.scratch().address()
                : vmm(step).scratch().address();
    }

    static Call<?> openIommufd(StepArguments step) {
        VmmActor vmm = vmm(step);
        String name = vmm.name() + "." + step.text("as", "iommufd");
        IommufdCtx ctx = new IommufdCtx(vmm.machine().kernel(), name);
        return opened(step, vmm.open(new IommufdFile(ctx, IoctlTable.LINUX)));
    }

    private static Call<?> opened(StepArguments step, int fd) {
        if (fd < 0) {
            return Bodies.answer(step, Errno.EMFILE);
        }
        tell(step, fd);
        return Bodies.answer(step, 0);
    }

    private static void tell(StepArguments step, int fd) {
        step.bind("as", fd);
        step.output("fd", fd);
    }

    static Call<?> openVfio(StepArguments step) {
        VmmActor vmm = vmm(step);
        VfioDevice device = vmm.machine().slot(step, "device").device().get();
        if (device == null) {
            return Bodies.answer(step, Errno.ENODEV);
        }
        // The descriptor first, as the kernel does: a device that was opened must get one.
        int fd = vmm.files().reserve();
        if (fd < 0) {
            return Bodies.answer(step, Errno.EMFILE);
        }
        Call<Vfio> open = Vfio.open(device);
        return Bodies.always(step, open, errno -> {
            if (errno == 0) {
                vmm.files().install(fd, open.frame().opened());
                tell(step, fd);
            } else {
                vmm.files().unreserve(fd);
            }
        });
    }

    static Call<?> bind(StepArguments step) {
        VmmActor vmm = vmm(step);
        VfioFile df = vmm.vfioFile(step.reference("vfio"));
        IommufdCtx ctx = vmm.context(step);
        if (df == null || ctx == null) {
            return Bodies.answer(step, Errno.EBADF);
        }
        return Bodies.then(step, SystemCall.enteredIoctl(df, Vfio.bind(df, ctx)), () -> {
            int id = df.idev() == null ? 0 : df.idev().id();
            step.bind("as", id);
            step.output("out_devid", id);
        });
    }

    static Call<?> attach(StepArguments step) {
        VfioFile df = vmm(step).vfioFile(step.reference("vfio"));
        return df == null
                ? Bodies.answer(step, Errno.EBADF)
                : SystemCall.enteredIoctl(
                        df, VfioAttach.attach(df, pasid(step), step.reference("pt"), step.flag("user_refuses")));
    }

    static Call<?> detach(StepArguments step) {
        VfioFile df = vmm(step).vfioFile(step.reference("vfio"));
        return df == null
                ? Bodies.answer(step, Errno.EBADF)
                : SystemCall.enteredIoctl(df, VfioAttach.detach(df, pasid(step)));
    }

    private static int pasid(StepArguments step) {
        return (int) step.number("pasid", DeviceAttach.NO_PASID);
    }

    static Call<?> close(StepArguments step) {
        VmmActor vmm = vmm(step);
        long fd = step.reference("fd");
        boolean keeps = vmm.machine().simulation().knobs().on(VmmVariants.KEEPS_EVENT_FILE);
        if (keeps && vmm.files().file(fd) instanceof EventqFile) {
            return Bodies.answer(step, 0);
        }
        return SystemCall.close(vmm.caller(), fd);
    }

    static Call<?> read(StepArguments step) {
        VmmActor vmm = vmm(step);
        long buffer = step.has("va") ? step.reference("va") + step.number("skip", 0) : scratch(step);
        Caller caller = vmm.caller().withUserFault(step.number("user_fault", 0));
        Call<SystemCall> read = SystemCall.read(caller, step.reference("fd"), buffer, step.number("bytes", READ_BYTES));
        return Bodies.then(step, read, () -> {
            long bytes = read.frame().result();
            step.output("bytes", bytes);
            byte[] word = new byte[Long.BYTES];
            for (int i = 0; i < Math.min(bytes, WORDS_SHOWN * Long.BYTES) / Long.BYTES; i++) {
                if (vmm.process().copyFromUser(buffer + (long) i * Long.BYTES, word, 0, Long.BYTES) == 0) {
                    step.output("w" + i, FieldType.U64.read(word, 0));
                }
            }
        });
    }

    static Call<?> write(StepArguments step) {
        VmmActor vmm = vmm(step);
        long buffer = scratch(step);
        byte[] bytes = IommufdBodies.bytes(step, "words");
        if (vmm.process().copyToUser(buffer, bytes, 0, bytes.length) != 0) {
            throw step.problem("the VMM's own memory for buffers is gone");
        }
        Call<SystemCall> write = SystemCall.write(vmm.caller(), step.reference("fd"), buffer, bytes.length);
        return Bodies.then(step, write, () -> step.output("bytes", write.frame().result()));
    }

    static Call<?> exit(StepArguments step) {
        return new Call<>(EXIT, new Exit(vmm(step), step.flag("highest_first")));
    }

    static Call<?> waitRequest(StepArguments step) {
        VfioFile df = vmm(step).vfioFile(step.reference("vfio"));
        return df == null ? Bodies.answer(step, Errno.EBADF) : Vfio.waitRequest(df);
    }

    static Call<?> mmap(StepArguments step) {
        if (step.has("fd")) {
            return mmapFile(step);
        }
        Memory frame = new Memory(vmm(step), 0, step.number("bytes", 0), step.flag("huge"));
        return Bodies.then(step, new Call<>(MMAP, frame), () -> {
            step.bind("as", frame.result.get());
            step.output("va", frame.result.get());
        });
    }

    private static Call<?> mmapFile(StepArguments step) {
        MmapRequest request = MmapRequest.anonymous(step.number("bytes", 0))
                .with(MmapFlag.SHARED)
                .from(step.number("offset", 0));
        Call<SystemCall> call = SystemCall.mmap(vmm(step).caller(), step.reference("fd"), request);
        return Bodies.then(step, call, () -> {
            step.bind("as", call.frame().result());
            step.output("va", call.frame().result());
        });
    }

    static Call<?> munmap(StepArguments step) {
        return new Call<>(MUNMAP, new Memory(vmm(step), step.reference("va"), step.number("bytes", 0), false));
    }

    static Call<?> memslot(StepArguments step) {
        guest(step).ram().addMemslot(step.number("gpa", 0), step.reference("va"), step.number("bytes", 0));
        return Bodies.answer(step, 0);
    }

    static Call<?> trapInvalidations(StepArguments step) {
        IommufdCtx ctx = vmm(step).context(step);
        if (ctx == null) {
            return Bodies.answer(step, Errno.EBADF);
        }
        if (step.has("viommu") == step.has("hwpt") || step.has("hwpt") != step.has("virt_id")) {
            throw step.problem("viommu, or hwpt with virt_id, is needed");
        }
        if (step.has("viommu")) {
            guest(step).trapTo(ctx, step.reference("viommu"), TrapTarget.ALL, 0);
        } else {
            guest(step).trapTo(ctx, step.reference("hwpt"), step.number("virt_id", 0), (int) step.number("pasid", 0));
        }
        return Bodies.answer(step, 0);
    }

    static Call<?> trapConfiguration(StepArguments step) {
        IommufdCtx ctx = vmm(step).context(step);
        VfioFile file = vmm(step).vfioFile(step.reference("vfio"));
        return ctx == null || file == null
                ? Bodies.answer(step, Errno.EBADF)
                : TrapConfiguration.call(new TrappedDevice(step, guest(step), ctx, file));
    }

    /** The guest that a step of a VMM means. */
    static GuestActor guest(StepArguments step) {
        VmmActor vmm = vmm(step);
        for (GuestActor guest : vmm.guests()) {
            if (step.has("guest")
                    ? guest.name().equals(step.text("guest", ""))
                    : vmm.guests().size() == 1) {
                return guest;
            }
        }
        throw step.problem(
                step.has("guest") ? "no such guest of this VMM" : "this VMM has not exactly one guest: name it");
    }

    private static final class Exit extends Frame {
        private final VmmActor vmm;
        private final boolean highestFirst;
        private final IntCell fd = count();

        Exit(VmmActor vmm, boolean highestFirst) {
            super(vmm.machine().simulation().world());
            this.vmm = vmm;
            this.highestFirst = highestFirst;
        }

        private void next() {
            fd.set(highestFirst ? vmm.files().highest() : vmm.files().lowest());
        }
    }

    private static final class Memory extends Frame {
        private final VmmActor vmm;
        private final long va;
        private final long bytes;
        private final boolean huge;
        private final LongCell result = num();

        Memory(VmmActor vmm, long va, long bytes, boolean huge) {
            super(vmm.machine().simulation().world());
            this.vmm = vmm;
            this.va = va;
            this.bytes = bytes;
            this.huge = huge;
        }
    }
}
