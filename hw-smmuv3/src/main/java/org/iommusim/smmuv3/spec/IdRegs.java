package org.iommusim.smmuv3.spec;

/**
 * The identification registers of one SMMU: what it can do.
 *
 * @param idr0 stages, table formats, ATS, PRI, stall and termination models, two-level tables
 * @param idr1 sizes of StreamIDs, SubstreamIDs and queues
 * @param idr2 virtual ATOS page
 * @param idr3 hierarchical attributes, FWB, range invalidation, break-before-make level
 * @param idr4 implementation defined
 * @param idr5 output address size, granules, virtual address extension
 * @param iidr who made it
 * @param aidr which version of the architecture
 */
public record IdRegs(int idr0, int idr1, int idr2, int idr3, int idr4, int idr5, int iidr, int aidr) {
    private static final int[] ADDRESS_BITS = {32, 36, 40, 42, 44, 48, 52, 56};

    /** Address bits of a size code as in OAS, IPS and S2PS. */
    public static int addressBits(int code) {
        return ADDRESS_BITS[code & 7];
    }

    /** Size code of a number of address bits. */
    public static int addressCode(int bits) {
        int code = 0;
        while (ADDRESS_BITS[code] < bits) {
            code++;
        }
        return code;
    }

    private boolean idr0(int bit) {
        return (idr0 >>> bit & 1) != 0;
    }

    private boolean idr3(int bit) {
        return (idr3 >>> bit & 1) != 0;
    }

    /** Stage 2 exists. */
    public boolean s2p() {
        return idr0(0);
    }

    /** Stage 1 exists. */
    public boolean s1p() {
        return idr0(1);
    }

    /** Tables may be VMSAv8-32. */
    public boolean aarch32() {
        return idr0(2);
    }

    /** Tables may be VMSAv8-64. */
    public boolean aarch64() {
        return idr0(3);
    }

    /** Accesses to tables and queues are coherent. */
    public boolean coherent() {
        return idr0(4);
    }

    /** Broadcast TLB maintenance is heard. */
    public boolean btm() {
        return idr0(5);
    }

    /** Table updates by hardware: 0 none, 1 access flag, 2 dirty state as well. */
    public int httu() {
        return idr0 >>> 6 & 3;
    }

    /** EL2 stream worlds exist. */
    public boolean hyp() {
        return idr0(9);
    }

    /** ATS is supported. */
    public boolean ats() {
        return idr0(10);
    }

    /** Split-stage ATS is not supported. */
    public boolean ns1ats() {
        return idr0(11);
    }

    /** ASIDs have 16 bits, not 8. */
    public boolean asid16() {
        return idr0(12);
    }

    /** Interrupts may be MSIs. */
    public boolean msi() {
        return idr0(13);
    }

    /** CMD_SYNC can send a wake-up event. */
    public boolean sev() {
        return idr0(14);
    }

    /** PRI is supported. */
    public boolean pri() {
        return idr0(16);
    }

    /** VMIDs have 16 bits, not 8. */
    public boolean vmid16() {
        return idr0(18);
    }

    /** Two-level CD tables are supported. */
    public boolean cd2l() {
        return idr0(19);
    }

    /** Endianness of tables: 0 mixed, 2 little, 3 big. */
    public int ttendian() {
        return idr0 >>> 21 & 3;
    }

    /** Configuration errors of translation requests and translated transactions can be recorded. */
    public boolean atsRecErr() {
        return idr0(23);
    }

    /** 0 stall and terminate, 1 terminate only, 2 stall forced. */
    public int stallModel() {
        return idr0 >>> 24 & 3;
    }

    /** True if a faulting access is always aborted (CD.A must be 1). */
    public boolean termModel() {
        return idr0(26);
    }

    /** Two-level stream tables are supported. */
    public boolean st2level() {
        return (idr0 >>> 27 & 3) == 1;
    }

    /** Width of StreamIDs. */
    public int sidSize() {
        return idr1 & 0x3f;
    }

    /** Width of SubstreamIDs; 0: none. */
    public int ssidSize() {
        return idr1 >>> 6 & 0x1f;
    }

    /** log2 of the largest PRI queue. */
    public int priqs() {
        return idr1 >>> 11 & 0x1f;
    }

    /** log2 of the largest event queue. */
    public int eventqs() {
        return idr1 >>> 16 & 0x1f;
    }

    /** log2 of the largest command queue. */
    public int cmdqs() {
        return idr1 >>> 21 & 0x1f;
    }

    /** An STE can override whether an access is privileged, and whether it is an instruction fetch. */
    public boolean attrPermsOvr() {
        return (idr1 >>> 26 & 1) != 0;
    }

    /** An STE can override the shareability of an access, among others of its attributes. */
    public boolean attrTypesOvr() {
        return (idr1 >>> 27 & 1) != 0;
    }

    /** Queue bases are fixed. */
    public boolean queuesPreset() {
        return (idr1 >>> 29 & 1) != 0;
    }

    /** Table bases are fixed. */
    public boolean tablesPreset() {
        return (idr1 >>> 30 & 1) != 0;
    }

    /** Hierarchical attributes can be disabled. */
    public boolean had() {
        return idr3(2);
    }

    /** Automatic page responses have the PASID of their request. */
    public boolean pps() {
        return idr3(5);
    }

    /** Stage 2 has execute-never for privileged and unprivileged apart. */
    public boolean xnx() {
        return idr3(4);
    }

    /** Stage 2 can force write-back. */
    public boolean fwb() {
        return idr3(8);
    }

    /** Small translation tables: TxSZ up to 48 (47 with 64K). */
    public boolean stt() {
        return idr3(9);
    }

    /** Range invalidation. */
    public boolean ril() {
        return idr3(10);
    }

    /** Break-before-make level. */
    public int bbml() {
        return idr3 >>> 11 & 3;
    }

    /** SMMUv3.x: x. */
    public int minorVersion() {
        return aidr & 0xf;
    }

    /** Width of physical addresses. */
    public int oasBits() {
        return addressBits(idr5);
    }

    /** Width of intermediate addresses: with VMSAv8-64 tables the same as {@link #oasBits}. */
    public int iasBits() {
        return oasBits();
    }

    /**
     * True if the address of a structure, which no stage 2 translates, makes what holds it invalid because no access can have
     * it. SMMUv3.0 may fetch all the same, and gets an abort.
     */
    public boolean refuses(long address) {
        return minorVersion() != 0 && address >>> oasBits() != 0;
    }

    /** The 4 KiB granule exists. */
    public boolean gran4k() {
        return (idr5 >>> 4 & 1) != 0;
    }

    /** The 16 KiB granule exists. */
    public boolean gran16k() {
        return (idr5 >>> 5 & 1) != 0;
    }

    /** The 64 KiB granule exists. */
    public boolean gran64k() {
        return (idr5 >>> 6 & 1) != 0;
    }

    /** True if a granule of 2^{@code shift} bytes exists. */
    public boolean granule(int shift) {
        return switch (shift) {
            case 12 -> gran4k();
            case 14 -> gran16k();
            case 16 -> gran64k();
            default -> false;
        };
    }

    /** Descriptors of 4K and 16K may have 52-bit addresses. */
    public boolean ds() {
        return (idr5 >>> 7 & 1) != 0;
    }

    /** Virtual addresses may have 52 bits (with 64K). */
    public boolean vax() {
        return (idr5 >>> 10 & 3) == 1;
    }

    /** How many transactions may be stalled. */
    public int stallMax() {
        return idr5 >>> 16 & 0xffff;
    }

    /** Widest VMID as a mask. */
    public int vmidMask() {
        return vmid16() ? 0xffff : 0xff;
    }

    /** Widest ASID as a mask. */
    public int asidMask() {
        return asid16() ? 0xffff : 0xff;
    }
}
