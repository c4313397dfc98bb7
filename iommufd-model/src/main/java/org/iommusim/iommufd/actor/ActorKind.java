package org.iommusim.iommufd.actor;

import java.util.Locale;

/** Who can act. */
public enum ActorKind {
    /** A VMM process: opens VFIO devices and /dev/iommu and makes ioctls. */
    VMM,
    /** A further thread of a VMM: the same process, descriptors and names, a task of its own. */
    THREAD,
    /** A guest kernel on a VMM's vCPU: binds drivers to its devices, maps memory, starts and stops traffic. */
    GUEST,
    /** The host: plugs and removes devices. */
    HOST;

    /** As scenarios spell it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whose verbs it knows: a thread does what its VMM can do. */
    public ActorKind verbs() {
        return this == THREAD ? VMM : this;
    }
}
