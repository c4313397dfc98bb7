/**
 * VFIO and PCI hotplug: what binds devices to iommufd contexts, and what takes devices away.
 *
 * <p>A VMM opens a device's file, binds it to a context, attaches it, and closes it again; there is no unbind but closing.
 * The file holds the device's registration, so that a host which removes the device waits: it asks the file's owner for it
 * every 10 s. Locks, outermost first: {@code pci_rescan_remove_lock} (held by the host for as long as it waits), {@code
 * dev_set->lock} (bind, attach, detach, close), then those of iommufd.
 */
@NullMarked
package org.iommusim.iommufd.vfio;

import org.jspecify.annotations.NullMarked;
