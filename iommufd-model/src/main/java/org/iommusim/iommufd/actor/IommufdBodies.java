package org.iommusim.iommufd.actor;

import java.util.function.Function;
import java.util.function.IntSupplier;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.ioctl.DestroyObject;
import org.iommusim.iommufd.ioctl.GetHwInfo;
import org.iommusim.iommufd.ioctl.HwptAlloc;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.iommufd.ioctl.IoasAlloc;
import org.iommusim.iommufd.ioctl.IoasMap;
import org.iommusim.iommufd.ioctl.IoasUnmap;
import org.iommusim.iommufd.ioctl.Ioctl;
import org.iommusim.iommufd.ioctl.IoctlFrame;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.ioctl.ViommuAlloc;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.variant.Knob;

/** Programs of the verbs of {@link IommufdVerbs}. */
final class IommufdBodies {
    /** The uAPI's type of vIOMMU invalidations that a driver has when nobody says otherwise. */
    private static final int DEFAULT_INVALIDATE_TYPE = 1;

    private IommufdBodies() {}

    /** The system call with its handler; EBADF without a context. */
    private static <F extends IoctlFrame> Call<?> ioctl(
            StepArguments step, Function<IommufdCtx, Call<F>> handler, Results<F> results) {
        IommufdCtx ctx = VmmBodies.vmm(step).context(step);
        if (ctx == null) {
            return Bodies.answer(step, Errno.EBADF);
        }
        Call<F> call = handler.apply(ctx);
        call.frame().userFault(step.number("user_fault", 0));
        if (step.flag("user_refuses")) {
            call.frame().userRefuses();
        }
        return Bodies.always(step, Ioctl.call(ctx, call), errno -> results.of(call.frame(), errno));
    }

    /** What a step tells of a call that has ended. */
    private interface Results<F> {
        void of(F frame, int errno);
    }

    /** Binds the id of a new object, if there is one. */
    private static void made(StepArguments step, int errno, String output, IntSupplier id) {
        if (errno == 0) {
            step.bind("as", id.getAsInt());
            step.output(output, id.getAsInt());
        }
    }

    static Call<?> ioasAlloc(StepArguments step) {
        return ioctl(step, IoasAlloc::call, (f, e) -> made(step, e, "out_ioas_id", f::outIoasId));
    }

    static Call<?> ioasMap(StepArguments step) {
        int protection = (step.flag("writeonly") ? 0 : PagingDomain.PROT_READ)
                | (step.flag("readonly") ? 0 : PagingDomain.PROT_WRITE);
        var process = VmmBodies.vmm(step).process();
        long ioas = step.reference("ioas");
        long va = step.reference("va");
        long bytes = step.number("bytes", 0);
        return ioctl(
                step,
                ctx -> step.has("iova")
                        ? IoasMap.fixed(ctx, ioas, process, va, bytes, protection, step.number("iova", 0))
                        : IoasMap.automatic(ctx, ioas, process, va, bytes, protection),
                (f, e) -> {
                    if (e == 0) {
                        step.bind("as", f.iova());
                        step.output("iova", f.iova());
                    }
                });
    }

    static Call<?> ioasUnmap(StepArguments step) {
        if (knob(step, VmmVariants.MAPS_INSTEAD)) {
            return mapAgain(step);
        }
        boolean all = !step.has("iova") && !step.has("bytes");
        return ioctl(
                step,
                ctx -> IoasUnmap.call(
                        ctx, step.reference("ioas"), step.number("iova", 0), all ? -1L : step.number("bytes", 0)),
                (f, e) -> {
                    if (e == 0) {
                        step.output("length", f.unmapped());
                    }
                });
    }

    /** Maps what the step should unmap. */
    private static Call<?> mapAgain(StepArguments step) {
        long iova = step.number("iova", 0);
        return ioctl(
                step,
                ctx -> IoasMap.fixed(
                        ctx,
                        step.reference("ioas"),
                        VmmBodies.vmm(step).process(),
                        iova,
                        step.number("bytes", 0),
                        PagingDomain.PROT_READ | PagingDomain.PROT_WRITE,
                        iova),
                (f, e) -> {});
    }

    static Call<?> hwptAlloc(StepArguments step) {
        UserData data = hwptData(step);
        int flags = (step.flag("nest_parent") ? HwptPagingAlloc.NEST_PARENT : 0)
                | (step.flag("pasid") ? HwptPagingAlloc.PASID : 0)
                | (step.has("fault") ? HwptPagingAlloc.FAULT_ID_VALID : 0);
        long fault = step.has("fault") ? step.reference("fault") : 0;
        return ioctl(
                step,
                ctx -> HwptAlloc.call(ctx, flags, step.reference("dev"), step.reference("pt"), data, fault),
                (f, e) -> made(step, e, "out_hwpt_id", f::outHwptId));
    }

    private static UserData hwptData(StepArguments step) {
        if (step.has("guest_device")) {
            return guestSpace(step).hwptData(step.number("guest_device", 0));
        }
        return step.has("data_type")
                ? UserData.ofBytes((int) step.number("data_type", 0), bytes(step, "data_words"))
                : UserData.NONE;
    }

    private static GuestIommu guestSpace(StepArguments step) {
        GuestIommu driver = VmmBodies.guest(step).iommu(step);
        GuestIommu of = step.has("guest_pasid") ? driver.withPasid((int) step.number("guest_pasid", 0)) : driver;
        if (of == null) {
            throw step.problem("this kind of IOMMU has no guest driver that does PASIDs");
        }
        return of;
    }

    static Call<?> viommuAlloc(StepArguments step) {
        UserData data = viommuData(step);
        return ioctl(
                step,
                ctx -> ViommuAlloc.call(
                        ctx, viommuType(step, ctx), step.reference("dev"), step.reference("hwpt"), data),
                (f, e) -> made(step, e, "out_viommu_id", f::outViommuId));
    }

    /** Drivers answer in the same place: it must be the VMM's own memory. */
    private static UserData viommuData(StepArguments step) {
        if (!step.has("data_words")) {
            return UserData.NONE;
        }
        byte[] bytes = bytes(step, "data_words");
        long at = VmmBodies.scratch(step);
        var process = VmmBodies.vmm(step).process();
        if (process.copyToUser(at, bytes, 0, bytes.length) != 0) {
            throw step.problem("the VMM's own memory for structures is gone");
        }
        return new UserData(0, process, at, bytes.length);
    }

    /** The type that user space learns from IOMMU_GET_HW_INFO; any, if the device does not exist. */
    private static int viommuType(StepArguments step, IommufdCtx ctx) {
        if (step.has("type")) {
            return (int) step.number("type", 0);
        }
        return ctx.objects().load((int) step.reference("dev")) instanceof Idev idev
                ? idev.dev().driver().viommuType()
                : 1;
    }

    static Call<?> vdeviceAlloc(StepArguments step) {
        return ioctl(
                step,
                ctx -> VdeviceAlloc.call(
                        ctx, step.reference("viommu"), step.reference("dev"), step.number("virt_id", 0)),
                (f, e) -> made(step, e, "out_vdevice_id", f::outVdeviceId));
    }

    static Call<?> invalidate(StepArguments step) {
        byte[] entries = bytes(step, "words");
        int entryLength = (int) step.number("entry_len", 8);
        return ioctl(
                step,
                ctx -> HwptInvalidate.call(
                        ctx,
                        step.reference("viommu"),
                        UserData.ofBytes(invalidateType(step), entries).array(entryLength)),
                (f, e) -> step.output("entry_num", f.entriesHandled()));
    }

    private static int invalidateType(StepArguments step) {
        return (int) step.number("data_type", DEFAULT_INVALIDATE_TYPE);
    }

    /** The 64-bit words of a field, little endian. */
    static byte[] bytes(StepArguments step, String field) {
        return UserData.bytes(
                step.words(field).stream().mapToLong(word -> word(step, word)).toArray());
    }

    static long word(StepArguments step, String text) {
        try {
            return Long.parseUnsignedLong(text.startsWith("0x") ? text.substring(2) : text, 16);
        } catch (NumberFormatException e) {
            throw step.problem("'" + text + "' is no 64-bit word in hexadecimal");
        }
    }

    static Call<?> getHwInfo(StepArguments step) {
        UserData data = step.has("data_len") ? hwInfoBuffer(step) : UserData.NONE;
        return ioctl(step, ctx -> GetHwInfo.call(ctx, step.reference("dev"), data), (f, e) -> {
            if (e == 0) {
                step.output("out_data_type", f.info().type());
                step.output("out_capabilities", f.info().capabilities());
                step.output("out_max_pasid_log2", f.info().maxPasidLog2());
            }
        });
    }

    /** A mistake that this VMM makes. */
    private static boolean knob(StepArguments step, Knob mistake) {
        return step.actor().machine().simulation().knobs().on(mistake);
    }

    private static UserData hwInfoBuffer(StepArguments step) {
        int bytes = (int) step.number("data_len", 0);
        return new UserData(0, VmmBodies.vmm(step).process(), VmmBodies.scratch(step), bytes);
    }

    static Call<?> destroy(StepArguments step) {
        IommufdCtx ctx = VmmBodies.vmm(step).context(step);
        long id = step.reference("id");
        if (ctx == null) {
            return Bodies.answer(step, Errno.EBADF);
        }
        if (knob(step, VmmVariants.MAY_NOT_DESTROY)) {
            return Bodies.answer(step, Errno.EPERM);
        }
        if (knob(step, VmmVariants.FORGETS_VDEVICE) && ctx.objects().load((int) id) instanceof Vdevice) {
            return Bodies.answer(step, 0);
        }
        return Ioctl.call(ctx, DestroyObject.call(ctx, id));
    }
}
