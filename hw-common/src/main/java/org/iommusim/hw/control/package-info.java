/**
 * What software talks to in an IOMMU, as far as it is alike for all vendors: commands that wait for others, and the log of
 * page requests. Registers, layouts and rules of overflow are the vendors'.
 */
@NullMarked
package org.iommusim.hw.control;

import org.jspecify.annotations.NullMarked;
