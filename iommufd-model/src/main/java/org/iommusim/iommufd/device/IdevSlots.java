package org.iommusim.iommufd.device;

import org.iommusim.iommufd.policy.ProgramSlot;

/**
 * Where kernels differ in how they take a bound device down. Apart from the programs, which are called after their slots:
 * neither may need the other to be initialised first.
 */
final class IdevSlots {
    /** {@code iommufd_device_unbind}, if it does more than to destroy the idev. */
    static final ProgramSlot<IdevFrame> UNBIND = new ProgramSlot<>("iommufd_device_unbind");
    /** {@code pre_destroy}: runs when unbind has found that somebody holds a temporary reference. */
    static final ProgramSlot<IdevFrame> PRE_DESTROY = new ProgramSlot<>("iommufd_device_pre_destroy");
    /** {@code destroy}: nobody can find the idev any more. */
    static final ProgramSlot<IdevFrame> DESTROY = new ProgramSlot<>("iommufd_device_destroy");
    /** {@code iommufd_device_remove_vdev}, where the idev's destroy calls it. */
    static final ProgramSlot<IdevFrame> REMOVE_VDEV = new ProgramSlot<>("iommufd_device_remove_vdev");

    private IdevSlots() {}
}
