package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.DevPasid;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.jspecify.annotations.Nullable;

/**
 * {@code iommu_sva_set_dev_pasid} and {@code amd_iommu_remove_dev_pasid}, here for domains of user space, which no kernel offers
 * on this hardware: a PASID of a device whose own domain has guest tables gets other guest tables. The entry of the GCR3 table is
 * one word, so that it changes at once; what is cached of the PASID goes behind that.
 */
final class SetDevPasid extends Frame {
    private static final Footprint STATE = Footprint.of(Touches.DEVICE, Touches.DOMAIN);
    private static final Program<SetDevPasid> ATTACH = named("amd_iommu_set_dev_pasid")
            .check("domain with guest tables", f -> f.domain instanceof AmdPaging p && p.v2(), Errno.EOPNOTSUPP)
            .lock("dev_data->mutex", f -> f.dev.mutex)
            .check("device with a GCR3 table", STATE, f -> f.dev.gcr3Table.get() != 0, Errno.EINVAL)
            .lock("domain->lock", f -> f.paging().lock)
            .step("list_add", HostCost.ATOMIC, STATE, f -> f.list())
            .undoNow("domain->lock")
            .attempt(
                    "amd_iommu_set_gcr3",
                    HostCost.TABLE_STORE,
                    Touches.PAGES,
                    f -> f.setGcr3(f.paging().table().root()))
            .invoke("amd_iommu_dev_flush_pasid_all", SetDevPasid::flush)
            .invoke("remove from the old domain", SetDevPasid::removeOld)
            .build();
    private static final Program<SetDevPasid> BLOCKED = named("amd_iommu_remove_dev_pasid")
            .lock("dev_data->mutex", f -> f.dev.mutex)
            .branch(
                    "device with a GCR3 table",
                    STATE,
                    f -> f.dev.gcr3Table.get() != 0,
                    p -> p.attempt(
                                    "amd_iommu_clear_gcr3",
                                    HostCost.TABLE_STORE,
                                    Touches.PAGES,
                                    f -> f.setGcr3(TableMemory.NONE))
                            .invoke("amd_iommu_dev_flush_pasid_all", SetDevPasid::flush))
            .invoke("remove from the old domain", SetDevPasid::removeOld)
            .build();
    private static final Program<SetDevPasid> REMOVE = Program.<SetDevPasid>named("remove_pdom_dev_pasid")
            .lock("domain->lock", f -> f.paging().lock)
            .step("list_del", HostCost.ATOMIC, STATE, SetDevPasid::unlist)
            .build();

    private final DevData dev;
    private final IommuDomain domain;
    private final int pasid;
    private final @Nullable IommuDomain old;

    private SetDevPasid(DevData dev, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        super(dev.iommu().world());
        this.dev = dev;
        this.domain = domain;
        this.pasid = pasid;
        this.old = old;
    }

    static Call<?> call(DevData dev, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        boolean blocks = domain.type() == IommuDomain.Type.BLOCKED;
        return new Call<>(blocks ? BLOCKED : ATTACH, new SetDevPasid(dev, domain, pasid, old));
    }

    private static Program.Builder<SetDevPasid> named(String name) {
        return Program.<SetDevPasid>named(name)
                .check("PASIDs", Footprint.of(Touches.UNIT), f -> f.dev.maxPasids() != 0, Errno.EOPNOTSUPP)
                .check("is_pasid_valid", Footprint.of(Touches.UNIT), SetDevPasid::inRange, Errno.EINVAL)
                .check("domain of this unit", f -> AttachDev.unitOf(f.domain) == f.dev.iommu(), Errno.EINVAL)
                .check("not released", Footprint.of(Touches.DEVICE), f -> !f.dev.released(), Errno.ENODEV);
    }

    private boolean inRange() {
        return pasid > AmdIommu.NO_PASID && pasid < dev.maxPasids();
    }

    private AmdPaging paging() {
        return (AmdPaging) domain;
    }

    private void list() {
        paging().add(dev, pasid);
        dev.pasids().set(new DevPasid(pasid, domain, dev.pasids().get()));
    }

    private void unlist() {
        paging().remove(dev, pasid);
        dev.pasids().set(DevPasid.without(dev.pasids().get(), pasid, domain));
    }

    private int setGcr3(long root) {
        return Gcr3Tables.set(dev, pasid, root);
    }

    private Call<?> flush() {
        return IssueCommands.call(IssueCommands.FLUSH_GCR3, dev.iommu(), () -> {
            EntryList list = new EntryList();
            Flushes.addPages(list, dev.gcr3DomainId.get(), pasid, null);
            Flushes.addIotlb(list, dev, pasid, null);
            return list;
        });
    }

    /** The PASID leaves the list of the domain that it was attached to. */
    private @Nullable Call<?> removeOld() {
        return old instanceof AmdPaging ? new Call<>(REMOVE, new SetDevPasid(dev, old, pasid, null)) : null;
    }
}
