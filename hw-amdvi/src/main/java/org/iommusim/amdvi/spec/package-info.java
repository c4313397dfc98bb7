/**
 * The layouts of AMD-Vi: registers, features, device table entries, host table entries, GCR3 entries, commands, records of the
 * event, PPR and guest virtual APIC logs, interrupt remapping entries of functions and of guests. No behaviour: whoever wants
 * to know where a bit lies looks here, and nowhere else. Guest table entries (v2) are x86-64's: {@link
 * org.iommusim.hw.x86.X86Pte}.
 *
 * <p>Every structure is an array of 64-bit little-endian words; what the kernel calls the 32-bit words 0 and 1 of a command is
 * word 0 here. A field is a {@link org.iommusim.hw.spec.BitField}. Which bits of a device table entry are reserved depends on
 * the unit: {@link org.iommusim.amdvi.spec.Dte#reserved}. Which commands are legal says {@link
 * org.iommusim.amdvi.spec.CmdChecks}; the reserved bits are those that QEMU is recorded to check, but for GN of
 * INVALIDATE_IOTLB_PAGES, which Linux sets. The type of that command is ignored, not reserved, where the unit has none.
 *
 * <p>Where the sources differ, the kernel's layout counts, because it runs on silicon: a record has the DeviceID in bits 15:0
 * and RW in bit 53 of its first word; status bits 8 to 10 are those of the guest virtual APIC log; bits 44:43 of the control
 * register are the number of interrupts.
 *
 * <p>Not here: SMI filter, MARC, performance counters beyond their register, second logs, hardware's own virtual IOMMUs beyond
 * the fields in a device table entry, secure nested paging beyond the codes of its events.
 */
@NullMarked
package org.iommusim.amdvi.spec;

import org.jspecify.annotations.NullMarked;
