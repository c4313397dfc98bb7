package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.hw.driver.ConfigurationTrap;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.TrappingGuest;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A guest kernel on a vCPU of its VMM. */
public final class GuestActor extends Actor {
    /** The variable of a vCPU's own state. */
    static final Variable VCPU = Variable.named("guest.vcpu");

    private final VmmActor vmm;
    private final IommuDriver driver;
    private final GuestRam ram;
    private final RefCell<GuestIommu> iommu;
    private final RefCell<TrapTarget> traps;
    private final RefCell<TrappedCommands> deferred;
    private final CellList<TrappedDevice> trapped;

    GuestActor(Machine machine, String name, VmmActor vmm, IommuDriver driver) {
        super(machine, name, ActorKind.GUEST);
        this.vmm = vmm;
        this.driver = driver;
        World world = machine.simulation().world();
        ram = new GuestRam(machine.kernel(), vmm.process(), name);
        iommu = new RefCell<>(world, VCPU, stableId());
        traps = new RefCell<>(world, VCPU, stableId() + (1L << 40));
        deferred = new RefCell<>(world, VCPU, stableId() + (3L << 40));
        trapped = new CellList<>(world, VCPU);
        vmm.add(this);
    }

    /** From now on the VMM follows the configuration entry of a device. */
    void follow(TrappedDevice device) {
        trapped.add(device);
    }

    /** The devices whose configuration entries the VMM follows. */
    List<TrappedDevice> followed() {
        return trapped.items();
    }

    private @Nullable TrappedDevice followed(long virtualId) {
        for (TrappedDevice device : trapped.items()) {
            if (device.virtualId == virtualId) {
                return device;
            }
        }
        return null;
    }

    /** Keeps invalidation commands of an address space for later. */
    void defer(long virtualId, int pasid, UserData commands) {
        deferred.set(TrappedCommands.append(deferred.get(), virtualId, pasid, commands));
    }

    /**
     * Takes what was kept and goes to the same object as the oldest of it; what goes nowhere is forgotten.
     *
     * @param to gets that object
     * @return the commands, {@code null} if there are no more
     */
    @Nullable
    UserData takeDeferred(RefCell<TrapTarget> to) {
        TrapTarget targets = traps.get();
        TrappedCommands kept = TrappedCommands.without(null, targets, deferred.get());
        if (kept == null || targets == null) {
            deferred.set(null);
            return null;
        }
        TrapTarget target = trap(kept.virtualId(), kept.pasid());
        to.set(target);
        deferred.set(TrappedCommands.without(target, targets, kept));
        return target == null ? null : TrappedCommands.to(target, targets, kept);
    }

    /** Its VMM. */
    public VmmActor vmm() {
        return vmm;
    }

    /** Its memory. */
    GuestRam ram() {
        return ram;
    }

    /** Its virtual IOMMU's driver; {@code bind_driver} makes it, because it needs memory. */
    GuestIommu iommu(StepArguments step) {
        GuestIommu present = iommu.get();
        if (present == null) {
            throw step.problem("the guest has no IOMMU driver yet: bind_driver comes first");
        }
        return present;
    }

    /** The same, made if there is none yet. */
    GuestIommu bindIommu(StepArguments step) {
        GuestIommu present = iommu.get();
        if (present == null) {
            present = driver.newGuest(ram, name());
            if (present == null) {
                throw step.problem("this kind of IOMMU has no guest driver");
            }
            iommu.set(present);
            if (present instanceof TrappingGuest trapping) {
                trapping.trapTo(new Trap());
            }
        }
        return present;
    }

    /** The same, as one whose entries a VMM can follow. */
    TrappingGuest trappingIommu(StepArguments step) {
        if (iommu(step) instanceof TrappingGuest trapping) {
            return trapping;
        }
        throw step.problem("this kind of virtual IOMMU does not trap at changes of its configuration");
    }

    /** The same, or {@code null} before the guest has one. */
    @Nullable
    TrappingGuest trappingIommu() {
        return iommu.get() instanceof TrappingGuest trapping ? trapping : null;
    }

    /** Says where trapped commands of an address space, or of all, go; id 0: nowhere. */
    void trapTo(IommufdCtx ctx, long id, long virtualId, int pasid) {
        TrapTarget others = TrapTarget.without(traps.get(), virtualId, pasid);
        traps.set(id == 0 ? others : new TrapTarget(ctx, id, virtualId, pasid, others));
    }

    /** Where trapped commands of an address space go, or {@code null}. */
    @Nullable
    TrapTarget trap(long virtualId, int pasid) {
        return TrapTarget.find(traps.get(), virtualId, pasid);
    }

    /** Runs the VMM on this vCPU. */
    private final class Trap implements ConfigurationTrap {
        @Override
        public boolean armed(long virtualId) {
            return followed(virtualId) != null;
        }

        @Override
        public Call<?> changed(long virtualId) {
            TrappedDevice device = followed(virtualId);
            if (device == null) {
                throw new IllegalStateException("nobody follows virtual id 0x" + Long.toHexString(virtualId));
            }
            return FollowEntry.call(device);
        }
    }
}
