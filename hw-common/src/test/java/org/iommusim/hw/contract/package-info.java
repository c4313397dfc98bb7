/**
 * What every IOMMU must do, whoever has built it: one suite for all vendors, a class per subject. Of the device:
 * {@code DeviceContract}, {@code CacheContract}, {@code FaultContract}, {@code AtsContract}, {@code PageRequestContract},
 * {@code MessageContract}, {@code StalenessContract}, {@code RepeatContract}; a vendor's test extends each of them once per way of translating that it
 * has, and brings a {@link org.iommusim.hw.contract.Vendor}: how a {@link org.iommusim.hw.contract.VendorBed} is made. Of the
 * host's driver on that device: {@code AttachContract}, {@code NestingContract}, {@code FunctionCacheContract}, {@code PageFaultContract}, with a {@link
 * org.iommusim.hw.contract.DriverVendor}.
 *
 * <p>Under load, {@code RandomMaintenance} lets everything happen at once, and a {@code MaintenanceBook} of the architecture's own
 * rules says where an access may still end; each vendor brings spaces, tables, commands and those rules.
 *
 * <p>A bed speaks of address spaces, functions, PASIDs and pages; the adapter makes tables, entries and commands of them. It
 * keeps to what software must do: nothing is invalidated that a test has not named.
 *
 * <p>Where architectures differ, the adapter says so with the specification's reason ({@link
 * org.iommusim.hw.contract.Difference}), and the test then demands the other behaviour. No test is left out.
 */
@NullMarked
package org.iommusim.hw.contract;

import org.jspecify.annotations.NullMarked;
