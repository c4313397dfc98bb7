/**
 * The core of iommufd: contexts, objects, and the primitives that every path is made of.
 */
@NullMarked
package org.iommusim.iommufd.object;

import org.jspecify.annotations.NullMarked;
