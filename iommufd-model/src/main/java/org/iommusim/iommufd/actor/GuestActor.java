package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.object.IommufdCtx;
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

    GuestActor(Machine machine, String name, VmmActor vmm, IommuDriver driver) {
        super(machine, name, ActorKind.GUEST);
        this.vmm = vmm;
        this.driver = driver;
        World world = machine.simulation().world();
        ram = new GuestRam(machine.kernel(), vmm.process(), name);
        iommu = new RefCell<>(world, VCPU, stableId());
        traps = new RefCell<>(world, VCPU, stableId() + (1L << 40));
        deferred = new RefCell<>(world, VCPU, stableId() + (3L << 40));
        vmm.add(this);
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
        }
        return present;
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
}
