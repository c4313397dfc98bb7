package org.iommusim.amdvi;

import org.iommusim.amdvi.format.DteConfig;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.AddressType;

/**
 * Addresses without PASID that are not those of memory: interrupts at 0xFEEx_xxxx, and what HyperTransport has reserved above
 * 0xFD_0000_0000, unless the unit ignores that (EFR2.HTRangeIgnore) or has no such range. There, system management and port I/O have controls of
 * their own in the device table entry (SysMgt, IoCtl), and the rest belongs to nobody.
 *
 * @param ignoresHyperTransport there is no reserved range
 */
record SpecialRanges(boolean ignoresHyperTransport) {
    /** It is memory. */
    static final int MEMORY = -1;
    /** It passes as it is. */
    static final int PASS = -2;

    // Otherwise: types of INVALID_DEVICE_REQUEST.
    /** A read of the interrupt range. */
    static final int INTERRUPT_READ = 0;
    /** Port I/O that is not allowed. */
    static final int PORT_IO = 2;
    /** A write of system management that is not allowed. */
    static final int MANAGEMENT_WRITE = 3;
    /** A read of system management, or of what belongs to nobody. */
    static final int MANAGEMENT_READ = 4;
    /** A write of interrupts that are reserved. */
    static final int RESERVED_INTERRUPT = 6;
    /** It is to be translated, but the entry does not say how (TV=0). */
    static final int UNTRANSLATABLE = 7;

    private static final long INTERRUPTS = 0xfee0_0000L;
    private static final long INTERRUPTS_END = 0xfef0_0000L;
    private static final long HYPER_TRANSPORT = 0xfd_0000_0000L;
    private static final long HYPER_TRANSPORT_END = 0x100_0000_0000L;
    private static final long HT_INTERRUPTS_END = 0xfd_f900_0000L;
    private static final long MANAGEMENT = 0xfd_f910_0000L;
    private static final long MANAGEMENT_END = 0xfd_f920_0000L;
    private static final long PORTS = 0xfd_fc00_0000L;
    private static final long PORTS_END = 0xfd_fe00_0000L;

    private static final int IOCTL_FORWARD = 1;
    private static final int IOCTL_TRANSLATE = 2;

    /** True if an address is that of an interrupt. */
    static boolean isInterrupt(long address) {
        return in(address, INTERRUPTS, INTERRUPTS_END);
    }

    /** What the address of a request without PASID means: {@link #MEMORY}, {@link #PASS} or a type. */
    int meaning(Flight flight) {
        long address = flight.iova;
        if (isInterrupt(address)) {
            return asked(flight, INTERRUPT_READ);
        }
        if (ignoresHyperTransport || !in(address, HYPER_TRANSPORT, HYPER_TRANSPORT_END)) {
            return MEMORY;
        }
        if (in(address, MANAGEMENT, MANAGEMENT_END)) {
            return asked(flight, management(flight));
        }
        if (in(address, PORTS, PORTS_END)) {
            return asked(flight, ports(flight));
        }
        boolean write = flight.request().write();
        if (address < HT_INTERRUPTS_END) {
            return asked(flight, write ? RESERVED_INTERRUPT : INTERRUPT_READ);
        }
        return asked(flight, write ? MANAGEMENT_WRITE : MANAGEMENT_READ);
    }

    /** Nobody gets translations of such addresses, unless they are translated like memory. */
    private static int asked(Flight flight, int meaning) {
        return flight.type == AddressType.TRANSLATION_REQUEST && meaning != MEMORY ? Admission.NO_MEMORY : meaning;
    }

    /** With SysMgt=10b only INTx messages pass, and there are none here: a function's interrupts are MSIs. */
    private static int management(Flight flight) {
        boolean write = flight.request().write();
        return switch (flight.config.sysMgt) {
            case Dte.SYSMGT_DMA -> translatable(flight);
            case Dte.SYSMGT_MESSAGES -> write ? PASS : MANAGEMENT_READ;
            default -> write ? MANAGEMENT_WRITE : MANAGEMENT_READ;
        };
    }

    private static int ports(Flight flight) {
        return switch (Dte.IO_CTL.intIn(flight.dte)) {
            case IOCTL_FORWARD -> PASS;
            case IOCTL_TRANSLATE -> translatable(flight);
            default -> PORT_IO;
        };
    }

    private static int translatable(Flight flight) {
        return flight.config.kind == DteConfig.BLOCKED ? UNTRANSLATABLE : MEMORY;
    }

    private static boolean in(long address, long first, long end) {
        return address >= first && address < end;
    }
}
