package org.iommusim.iommufd.vfio;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.DeviceBind;
import org.iommusim.iommufd.device.DeviceWatcher;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** What a VMM does with a device's file (device_cdev.c, iommufd.c and vfio_main.c of VFIO). */
public final class Vfio extends Frame {
    private static final Footprint FILE = Footprint.of(IommufdCtx.FILE);
    private static final Footprint REGISTRATION = Footprint.of(VfioDevice.REGISTRATION);
    private static final Footprint STATE = VfioFile.STATE.and(VfioDevice.STATE);

    static final Program<Vfio> OPEN = Program.<Vfio>named("vfio_device_fops_cdev_open")
            .attempt(
                    "vfio_device_try_get_registration",
                    HostCost.IOCTL_ENTRY,
                    REGISTRATION,
                    f -> f.device.tryGetRegistration() ? 0 : Errno.ENODEV)
            .step(
                    "new file",
                    HostCost.ALLOCATE,
                    Footprint.of(KernelFile.REFERENCES),
                    f -> f.opened.set(new VfioFile(f.device)))
            .build();

    static final Program<Vfio> BIND = Program.<Vfio>named("VFIO_DEVICE_BIND_IOMMUFD")
            .step("enter", HostCost.IOCTL_ENTRY, Footprint.LOCAL, f -> {})
            .lock("dev_set->lock", f -> f.device.devSetLock())
            .check("not bound", STATE, f -> !f.df().accessGranted(), Errno.EINVAL)
            .take(
                    "iommufd_ctx_from_fd",
                    FILE,
                    Vfio::contextGet,
                    Undo.onFailure("iommufd_ctx_put", FILE, Vfio::contextPut))
            .check(
                    "not bound through another file",
                    STATE,
                    f -> f.device.openCount().get() == 0,
                    Errno.EINVAL)
            .invoke("iommufd_device_bind", f -> DeviceBind.bind(f.context(), f.device.device(), f.bound))
            .take(
                    "bound",
                    HostCost.FREE,
                    Footprint.LOCAL,
                    f -> 0,
                    Undo.onFailureCall("iommufd_device_unbind", f -> DeviceBind.unbind(f.bound.require())))
            .step(
                    "vfio_pci_core_enable: no bus master",
                    HostCost.MMIO_WRITE,
                    Footprint.of(PciFunction.CONFIG_SPACE),
                    f -> f.function().setBusMaster(false))
            .attempt("copy out_devid", HostCost.USER_COPY, Footprint.LOCAL, f -> f.injected("copy out_devid"))
            .step("access_granted", STATE, f -> {
                f.df().iommufdCell().set(f.context());
                f.df().idevCell().set(f.bound.require());
                f.device.openCount().set(1);
                f.df().accessGranted(true);
                f.tell("bound to " + f.context());
            })
            .build();

    static final Program<Vfio> CLOSE = Program.<Vfio>named("vfio_device_fops_release")
            .branch(
                    "access_granted",
                    STATE,
                    f -> f.df().accessGranted(),
                    b -> b.lock("dev_set->lock", f -> f.device.devSetLock())
                            .step(
                                    "vfio_pci_core_disable: clear bus master",
                                    HostCost.MMIO_WRITE,
                                    Footprint.of(PciFunction.CONFIG_SPACE),
                                    Vfio::disable)
                            .invoke("vfio_iommufd_physical_unbind", f -> VfioAttach.detachAll(f.df()))
                            // Whatever it answers: there is nobody to tell. A failure has warned already.
                            .invokeIgnoringError("iommufd_device_unbind", f -> DeviceBind.unbind(f.idev()))
                            .step("iommufd_ctx_put", FILE.and(VfioFile.DF, VfioDevice.STATE), Vfio::closed)
                            .undoNow("dev_set->lock"))
            .step("vfio_device_put_registration", REGISTRATION, f -> f.device.putRegistration())
            // The file of the context ends with the system call that dropped its last reference.
            .when(
                    "last user of the context",
                    f -> f.flag.get() != 0,
                    b -> b.invoke("iommufd_fops_release", f -> ObjectPrograms.release(f.context())))
            .build();

    private static final Program<Vfio> WAIT_REQUEST = Program.<Vfio>named("wait for the request event")
            .await(
                    "request",
                    Footprint.of(VfioDevice.STATE),
                    f -> f.device.requested(),
                    WaitQueue.Sleep.INTERRUPTIBLE,
                    f -> f.device.isRequested())
            .build();

    private final VfioDevice device;
    private final @Nullable VfioFile df;
    private final @Nullable IommufdCtx ctx;
    private final RefCell<VfioFile> opened = ref();
    private final IntCell flag = count();
    private final RefCell<Idev> bound = ref();

    private Vfio(VfioDevice device, @Nullable VfioFile df, @Nullable IommufdCtx ctx) {
        super(device.device().kernel().world());
        this.device = device;
        this.df = df;
        this.ctx = ctx;
    }

    /** Opens a device; {@link #opened} tells the file. Errors: ENODEV (it is going away). */
    public static Call<Vfio> open(VfioDevice device) {
        return new Call<>(OPEN, new Vfio(device, null, null));
    }

    /** The file that was opened; after success. */
    public VfioFile opened() {
        return opened.require();
    }

    /** Binds. Errors: EINVAL (bound already), EBADF (the context is closed), EPERM (DMA has another owner), ENOMEM, EFAULT. */
    public static Call<?> bind(VfioFile df, IommufdCtx ctx) {
        return new Call<>(BIND, new Vfio(df.device(), df, ctx));
    }

    /** Attaches the device, or replaces what it is attached to. Errors: those of {@link VfioAttach#attach}. */
    public static Call<?> attach(VfioFile df, long ptId) {
        return VfioAttach.attach(df, DeviceAttach.NO_PASID, ptId, false);
    }

    /** Detaches the device. Errors: EINVAL (not bound). */
    public static Call<?> detach(VfioFile df) {
        return VfioAttach.detach(df, DeviceAttach.NO_PASID);
    }

    /** The release of its file: stops DMA, detaches, unbinds; cannot fail. */
    public static Call<?> close(VfioFile df) {
        return new Call<>(CLOSE, new Vfio(df.device(), df, null));
    }

    /** Waits until the host has asked for the device. */
    public static Call<?> waitRequest(VfioFile df) {
        return new Call<>(WAIT_REQUEST, new Vfio(df.device(), df, null));
    }

    /** What it acts on. */
    VfioDevice device() {
        return device;
    }

    private VfioFile df() {
        if (df == null) {
            throw new IllegalStateException("no file yet");
        }
        return df;
    }

    private Idev idev() {
        return df().idevCell().require();
    }

    private IommufdCtx context() {
        if (ctx != null) {
            return ctx;
        }
        return df().iommufdCell().require();
    }

    private PciFunction function() {
        return device.device().function();
    }

    private void disable() {
        HostDevice host = device.device();
        host.kernel().tell(DeviceWatcher.class, watcher -> watcher.disables(host));
        function().setBusMaster(false);
    }

    /** {@code iommufd_device_pre_destroy}, earlier than 7.3 calls it. */
    @Nullable
    Call<?> preDestroy() {
        return idev().preDestroy();
    }

    private int injected(String step) {
        return device.device().kernel().faults().errno("VFIO_DEVICE_BIND_IOMMUFD", step, Errno.EFAULT);
    }

    private int contextGet() {
        if (context().fileReferences() == 0) {
            return Errno.EBADF;
        }
        context().fileGet();
        return 0;
    }

    private void contextPut() {
        if (context().filePut()) {
            throw new IllegalStateException("the caller's descriptor holds the file of " + context());
        }
    }

    private void closed() {
        flag.set(context().filePut() ? 1 : 0);
        df().accessGranted(false);
        df().idevCell().set(null);
        device.openCount().set(0);
        tell("unbound");
    }

    private void tell(String change) {
        device.device().kernel().listener().deviceChanged(device.toString(), change);
    }
}
