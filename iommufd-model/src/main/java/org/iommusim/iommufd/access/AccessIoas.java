package org.iommusim.iommufd.access;

import java.util.function.Consumer;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptSettings;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** Which address space an access uses: attach, replace, detach (device.c). */
public final class AccessIoas extends Frame {
    private static final Footprint IOAS = Footprint.of(IommufdAccess.IOAS);

    private static final Program<AccessIoas> ATTACH = attach(
            "iommufd_access_attach", b -> b.check("not attached", IOAS, f -> f.attached() == null, Errno.EINVAL));

    private static final Program<AccessIoas> REPLACE =
            attach("iommufd_access_replace", b -> b.check("attached", IOAS, f -> f.attached() != null, Errno.ENOENT));

    private static final Program<AccessIoas> ATTACH_INTERNAL = change(
                    Program.<AccessIoas>named("iommufd_access_attach_internal")
                            .lock("access->ioas_lock", f -> f.access.ioasLock())
                            .check("not attached", IOAS, f -> f.attached() == null, Errno.EINVAL))
            .build();

    private static final Program<AccessIoas> DETACH = change(Program.<AccessIoas>named("iommufd_access_detach")
                    .lock("access->ioas_lock", f -> f.access.ioasLock())
                    .branch("not attached", IOAS, f -> f.attached() == null, b -> b.succeed("nothing to detach")))
            .build();

    private final IommufdAccess access;
    private final long ioasId;
    private final RefCell<Ioas> target = ref();
    private final RefCell<Ioas> old = ref();
    private final IntCell number = count();
    private final IntCell oldNumber = count();

    private AccessIoas(IommufdAccess access, long ioasId, @Nullable Ioas ioas) {
        super(access.ctx().kernel().world());
        this.access = access;
        this.ioasId = ioasId;
        target.set(ioas);
    }

    /** {@code iommufd_access_change_ioas_id} after a test. */
    private static Program<AccessIoas> attach(String name, Consumer<Program.Builder<AccessIoas>> test) {
        Program.Builder<AccessIoas> b =
                Program.<AccessIoas>named(name).lock("access->ioas_lock", f -> f.access.ioasLock());
        test.accept(b);
        b.take(
                "get ioas",
                HostCost.ATOMIC,
                ObjectPrograms.GET,
                AccessIoas::get,
                Undo.alwaysCall("put ioas", f -> ObjectPrograms.put(f.target.require())));
        return change(b).undoNow("get ioas").build();
    }

    /**
     * {@code iommufd_access_change_ioas}. The program holds ioas_lock, and gives it up while the driver lets go of its pins.
     */
    private static Program.Builder<AccessIoas> change(Program.Builder<AccessIoas> program) {
        return program.step("current ioas", IOAS, AccessIoas::load)
                .check(
                        "no detach in progress",
                        IOAS,
                        f -> f.old.get() == f.access.ioasUnpin().get(),
                        Errno.EBUSY)
                .when("the same", f -> f.old.get() == f.target.get(), b -> b.succeed("nothing to do"))
                // From here on nobody can pin; unpinning goes on with ioas_unpin.
                .take(
                        "access->ioas = NULL",
                        IOAS,
                        AccessIoas::block,
                        Undo.onFailure(
                                "access->ioas back", IOAS, f -> f.access.ioas().set(f.old.get())))
                .when(
                        "a new ioas",
                        f -> f.target.get() != null,
                        b -> b.invoke(
                                        "iopt_add_access",
                                        f -> IoptSettings.addAccess(
                                                f.target.require().iopt(), f.access, f.number))
                                .step(
                                        "new ioas users++",
                                        ObjectPrograms.USERS,
                                        f -> f.target.require().usersInc("iommufd_access_change_ioas")))
                .when("an old ioas", f -> f.old.get() != null, AccessIoas::leave)
                .step("access->ioas = new", IOAS, AccessIoas::store);
    }

    private static void leave(Program.Builder<AccessIoas> program) {
        program.when(
                        "a driver's",
                        f -> !f.access.internal(),
                        b -> b.undoNow("access->ioas_lock")
                                .invoke("ops->unmap", f -> f.access.unmap(0, -1L))
                                .lock("access->ioas_lock again", f -> f.access.ioasLock()))
                .invoke(
                        "iopt_remove_access",
                        f -> IoptSettings.removeAccess(f.old.require().iopt(), f.access, f.oldNumber))
                .step(
                        "old ioas users--",
                        ObjectPrograms.USERS,
                        f -> f.old.require().usersDec("iommufd_access_change_ioas"));
    }

    /**
     * {@code iommufd_access_attach}. Errors: EINVAL (it is attached), ENOENT (no such IOAS), EADDRINUSE (a map there does not
     * have its alignment).
     */
    public static Call<?> attach(IommufdAccess access, long ioasId) {
        return new Call<>(ATTACH, new AccessIoas(access, ioasId, null));
    }

    /**
     * {@code iommufd_access_replace}: moves it; its driver lets go of all pins. Errors: ENOENT (it is not attached, or no such
     * IOAS), EBUSY (another move is in progress), EADDRINUSE; then it stays where it is.
     */
    public static Call<?> replace(IommufdAccess access, long ioasId) {
        return new Call<>(REPLACE, new AccessIoas(access, ioasId, null));
    }

    /** {@code iommufd_access_attach_internal}, on an IOAS that the caller holds. Errors: EINVAL, EADDRINUSE. */
    public static Call<?> attachInternal(IommufdAccess access, Ioas ioas) {
        return new Call<>(ATTACH_INTERNAL, new AccessIoas(access, 0, ioas));
    }

    /** {@code iommufd_access_detach}; nothing happens if it is not attached. */
    public static Call<?> detach(IommufdAccess access) {
        return new Call<>(DETACH, new AccessIoas(access, 0, null));
    }

    private @Nullable Ioas attached() {
        return access.ioas().get();
    }

    private int get() {
        return ObjectPrograms.getInto(access.ctx(), ioasId, ObjectType.IOAS, Ioas.class, target, Errno.ENOENT);
    }

    private void load() {
        old.set(access.ioas().get());
        oldNumber.set(access.listNumber().get());
    }

    private int block() {
        access.ioas().set(null);
        return 0;
    }

    private void store() {
        access.ioas().set(target.get());
        access.ioasUnpin().set(target.get());
        access.listNumber().set(number.get());
    }
}
