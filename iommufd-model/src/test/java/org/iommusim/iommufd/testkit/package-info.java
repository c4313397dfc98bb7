/** A small IOMMU with its driver, and a machine around it, for the tests of the object model. */
@NullMarked
package org.iommusim.iommufd.testkit;

import org.jspecify.annotations.NullMarked;
