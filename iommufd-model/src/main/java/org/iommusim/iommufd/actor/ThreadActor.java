package org.iommusim.iommufd.actor;

/**
 * A further thread of a VMM. It shares the VMM's address space, descriptors and names: what one of them opens or names, the
 * others can use. Only its task, and the memory in which its system calls' structures lie, are its own.
 */
public final class ThreadActor extends Actor {
    private final VmmActor vmm;
    private final Scratch scratch;

    ThreadActor(Machine machine, String name, VmmActor vmm) {
        super(machine, name, ActorKind.THREAD);
        this.vmm = vmm;
        scratch = new Scratch(machine.simulation().world(), vmm.process(), stableId());
    }

    /** The VMM whose thread it is. */
    public VmmActor vmm() {
        return vmm;
    }

    /** Where structures and buffers of its own system calls lie. */
    Scratch scratch() {
        return scratch;
    }

    @Override
    Actor namespace() {
        return vmm;
    }
}
