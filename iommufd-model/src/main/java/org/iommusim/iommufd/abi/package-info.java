/**
 * The user API of iommufd: ioctl numbers and the layouts of the structures that cross the boundary, as bytes.
 *
 * <p>{@link org.iommusim.iommufd.abi.IommufdIoctl} lists the ioctls of /dev/iommu, {@link
 * org.iommusim.iommufd.abi.VfioCompatIoctl} those of the VFIO container that the file also understands, {@link
 * org.iommusim.iommufd.abi.TestOp} the operations inside of IOMMU_TEST_CMD, and {@link
 * org.iommusim.iommufd.abi.DataLayouts} the structures to which a {@code data_uptr} points and those that files deliver.
 * Names are the kernel's. Sizes and offsets were measured on x86-64 with the headers of Linux 7.3.
 *
 * <p>A {@link org.iommusim.iommufd.abi.StructLayout} encodes values to bytes and decodes them back; a {@link
 * org.iommusim.iommufd.abi.StructImage} is bytes read through a layout, a {@link org.iommusim.iommufd.abi.StructWriter}
 * changes a copy of them. Everything is little endian.
 */
@NullMarked
package org.iommusim.iommufd.abi;

import org.jspecify.annotations.NullMarked;
