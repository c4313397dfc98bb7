/**
 * Page tables of x86-64 processes, which the first stage of Intel VT-d and the guest tables of AMD-Vi share, and the geometry
 * that VT-d's second stage has from them.
 */
@NullMarked
package org.iommusim.hw.x86;

import org.jspecify.annotations.NullMarked;
