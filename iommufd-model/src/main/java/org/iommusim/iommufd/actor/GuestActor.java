package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.world.LongCell;
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
    private final RefCell<IommufdCtx> trapContext;
    private final LongCell trapViommu;
    private final RefCell<UserData> deferred;

    GuestActor(Machine machine, String name, VmmActor vmm, IommuDriver driver) {
        super(machine, name, ActorKind.GUEST);
        this.vmm = vmm;
        this.driver = driver;
        World world = machine.simulation().world();
        ram = new GuestRam(machine.kernel(), vmm.process(), name);
        iommu = new RefCell<>(world, VCPU, stableId());
        trapContext = new RefCell<>(world, VCPU, stableId() + (1L << 40));
        trapViommu = new LongCell(world, VCPU, stableId() + (2L << 40), 0);
        deferred = new RefCell<>(world, VCPU, stableId() + (3L << 40));
        vmm.add(this);
    }

    /** Keeps invalidation commands for later. */
    void defer(UserData commands) {
        UserData before = deferred.get();
        if (before == null) {
            deferred.set(commands);
            return;
        }
        byte[] all = new byte[before.length() + commands.length()];
        before.memory().copyFromUser(before.address(), all, 0, before.length());
        commands.memory().copyFromUser(commands.address(), all, before.length(), commands.length());
        deferred.set(UserData.ofBytes(commands.type(), all));
    }

    /** Takes all commands that were kept, or {@code null}. */
    @Nullable
    UserData takeDeferred() {
        UserData all = deferred.get();
        deferred.set(null);
        return all;
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

    /** Says where trapped invalidation commands go; viommu 0: nowhere. */
    void trapTo(IommufdCtx ctx, long viommu) {
        trapContext.set(viommu == 0 ? null : ctx);
        trapViommu.set(viommu);
    }

    /** The context that trapped commands go to, or {@code null}. */
    @Nullable
    IommufdCtx trapContext() {
        return trapContext.get();
    }

    /** The vIOMMU that trapped commands go to. */
    long trapViommu() {
        return trapViommu.get();
    }
}
