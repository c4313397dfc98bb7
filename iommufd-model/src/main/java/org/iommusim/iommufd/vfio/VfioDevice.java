package org.iommusim.iommufd.vfio;

import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/** A device that VFIO has ({@code struct vfio_device}, vfio_main.c). */
public final class VfioDevice implements Identified {
    /** The variable of registrations of VFIO devices. */
    public static final Variable REGISTRATION = Variable.named("vfio.device.registration");
    /** The variable of open counts and requests. */
    public static final Variable STATE = Variable.named("vfio.device.state");

    private final HostDevice device;
    private final long instance;
    private final Lock devSetLock;
    private final WaitQueue released;
    private final WaitQueue requested;
    private final IntCell hidden;
    private final IntCell references;
    private final IntCell openCount;
    private final IntCell requests;

    VfioDevice(HostDevice device) {
        this.device = device;
        World world = device.kernel().world();
        instance = world.nextInstance();
        devSetLock = new Lock(world, "dev_set->lock", Lock.Kind.MUTEX);
        released = new WaitQueue(world, device + " released by its users");
        requested = WaitQueue.outside(world, device + " requested by the host");
        hidden = new IntCell(world, REGISTRATION, instance, 0);
        references = new IntCell(world, REGISTRATION, instance + (1L << 40), 1);
        openCount = new IntCell(world, STATE, instance, 0);
        requests = new IntCell(world, STATE, instance + (1L << 40), 0);
    }

    /** The device. */
    public HostDevice device() {
        return device;
    }

    /** {@code dev_set->lock}. */
    Lock devSetLock() {
        return devSetLock;
    }

    /** {@code vfio_device_try_get_registration}: false if it is going away. */
    boolean tryGetRegistration() {
        if (hidden.get() != 0 || references.get() == 0) {
            return false;
        }
        getRegistration();
        return true;
    }

    /** One more reference; only for who has one, or knows that there is one. */
    void getRegistration() {
        references.add(1);
    }

    /** {@code vfio_device_put_registration}. */
    void putRegistration() {
        if (references.add(-1) == 0) {
            released.wakeAll();
        }
    }

    /** True when nobody has it open and VFIO has let it go. */
    boolean unreferenced() {
        return references.get() == 0;
    }

    /** Where its removal waits for its users. */
    WaitQueue released() {
        return released;
    }

    /** No new opens. */
    void hide() {
        hidden.set(1);
    }

    /** How often it is bound through a file: at most once. */
    IntCell openCount() {
        return openCount;
    }

    /** True while it is bound through a file. */
    public boolean isBound() {
        return openCount.get() > 0;
    }

    /** The {@code request} operation: signals the user's event. */
    void request() {
        requests.add(1);
        requested.wakeAll();
    }

    /** True if the host has asked for it. */
    boolean isRequested() {
        return requests.get() > 0;
    }

    /** Where its user waits for a request. */
    WaitQueue requested() {
        return requested;
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return device.toString();
    }
}
