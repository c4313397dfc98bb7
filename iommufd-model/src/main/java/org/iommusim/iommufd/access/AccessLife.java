package org.iommusim.iommufd.access;

import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** {@code iommufd_access_create} and {@code iommufd_access_destroy} of device.c, for drivers and for the kernel itself. */
public final class AccessLife extends Frame {
    private static final Footprint FILE = Footprint.of(IommufdCtx.FILE);

    private static final Program<AccessLife> CREATE = Program.<AccessLife>named("iommufd_access_create")
            .attempt(
                    "iommufd_object_alloc",
                    HostCost.ALLOCATE,
                    ObjectPrograms.ENTRY.and(IommufdAccess.IOAS, IommufdCtx.FILE),
                    AccessLife::allocate)
            .step("users++", ObjectPrograms.USERS, f -> f.access().usersInc("iommufd_access_create"))
            .when("a driver's", f -> f.ops != null, b -> b.step("iommufd_ctx_get", FILE, f -> f.ctx.fileGet()))
            .step(
                    "iommufd_object_finalize",
                    ObjectPrograms.ENTRY,
                    f -> f.ctx.objects().finalizeObject(f.access()))
            .build();

    private static final Program<AccessLife> DESTROY_OBJECT = Program.<AccessLife>named("iommufd_access_destroy_object")
            .invoke("iommufd_access_detach", f -> AccessIoas.detach(f.access()))
            .when(
                    "not internal",
                    f -> !f.access().internal(),
                    b -> b.step("iommufd_ctx_put", FILE, f -> f.access().ctxPut()))
            .build();

    private static final Program<AccessLife> DESTROY = Program.<AccessLife>named("iommufd_access_destroy")
            .invokeIgnoringError("iommufd_object_destroy_user", f -> ObjectPrograms.destroyUser(f.access()))
            // The descriptor was closed before: the release runs as the system call returns.
            .branch(
                    "last user of the file",
                    FILE,
                    f -> f.access().lastOfFile(),
                    b -> b.invoke("iommufd_fops_release", f -> ObjectPrograms.release(f.ctx)))
            .build();

    private final IommufdCtx ctx;
    private final @Nullable AccessOps ops;
    private final RefCell<IommufdAccess> access;

    private AccessLife(IommufdCtx ctx, @Nullable AccessOps ops, RefCell<IommufdAccess> access) {
        super(ctx.kernel().world());
        this.ctx = ctx;
        this.ops = ops;
        this.access = access;
    }

    private AccessLife(IommufdAccess access) {
        super(access.ctx().kernel().world());
        ctx = access.ctx();
        ops = null;
        this.access = ref();
        this.access.set(access);
    }

    /**
     * {@code iommufd_access_create}: makes an access for a driver; it keeps the file open. Errors: ENOMEM.
     *
     * @param result gets the access, published
     */
    public static Call<?> create(IommufdCtx ctx, AccessOps ops, RefCell<IommufdAccess> result) {
        return new Call<>(CREATE, new AccessLife(ctx, ops, result));
    }

    /** {@code iommufd_access_create_internal}: makes an access for the kernel itself. Errors: ENOMEM. */
    public static Call<?> createInternal(IommufdCtx ctx, RefCell<IommufdAccess> result) {
        return new Call<>(CREATE, new AccessLife(ctx, null, result));
    }

    /** {@code iommufd_access_destroy}, {@code iommufd_access_destroy_internal}: detaches it and waits for callers of its operations. */
    public static Call<?> destroy(IommufdAccess access) {
        return new Call<>(DESTROY, new AccessLife(access));
    }

    static Call<?> destroyObject(IommufdAccess access) {
        return new Call<>(DESTROY_OBJECT, new AccessLife(access));
    }

    private IommufdAccess access() {
        return access.require();
    }

    private int allocate() {
        int injected = ctx.kernel().faults().errno("iommufd_access_create", "iommufd_object_alloc");
        if (injected != 0) {
            return injected;
        }
        IommufdAccess made = new IommufdAccess(ctx, ops);
        ctx.objects().reserve(made);
        access.set(made);
        return 0;
    }
}
