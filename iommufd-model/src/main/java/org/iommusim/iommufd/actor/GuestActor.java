package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.IommuDriver;

/** A guest kernel on a vCPU of its VMM. */
public final class GuestActor extends Actor {
    private final VmmActor vmm;
    private final IommuDriver driver;

    GuestActor(Machine machine, String name, VmmActor vmm, IommuDriver driver) {
        super(machine, name, ActorKind.GUEST);
        this.vmm = vmm;
        this.driver = driver;
    }

    /** Its VMM. */
    public VmmActor vmm() {
        return vmm;
    }

    IommuDriver driver() {
        return driver;
    }
}
