package org.iommusim.smmuv3;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.iommusim.hw.contract.DeviceCaches;
import org.iommusim.hw.contract.Difference;
import org.iommusim.hw.contract.FaultLog;
import org.iommusim.hw.contract.Messages;
import org.iommusim.hw.contract.Mistake;
import org.iommusim.hw.contract.PageRequests;
import org.iommusim.hw.contract.Space;
import org.iommusim.hw.contract.Vendor;
import org.iommusim.hw.contract.VendorBed;
import org.iommusim.hw.iommu.DeviceBed;
import org.iommusim.sim.Simulation;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/** An SMMU in the words of the contract. By stage 1, each function has a page of context descriptors: number 0 is without PASID. */
final class ContractBed implements VendorBed, DeviceCaches {
    private static final int VMID = 1;
    private static final int LOG2_CONTEXTS = 3;
    /** Translated transactions are checked: otherwise they pass, whatever the STE says. */
    private static final int ON = Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN | Reg.CR0_PRIQEN | Reg.CR0_ATSCHK;

    private static final long HOST_TABLES = Smmuv3Testbed.FREE + 0x800_0000L;

    private final Smmuv3Testbed bed;
    private final boolean first;
    /** Stage 2 below all of stage 1, if there is one. */
    private final @Nullable Vmsav8Tables host;

    private final ContractQueues queues;
    private final PageRequests pages;
    private final Map<Difference, String> differences = new EnumMap<>(Difference.class);
    private final Map<Integer, Long> contexts = new TreeMap<>();

    private ContractBed(Simulation simulation, boolean first, boolean second) {
        this.first = first;
        bed = Smmuv3Testbed.in(simulation, "mmu-600", Map.of("ats", 1L, "pri", 1L, "stall_model", 0L));
        queues = new ContractQueues(bed);
        pages = queues.new Pages();
        host = first && second ? new Vmsav8Tables(bed.memory, HOST_TABLES, 0) : null;
        bed.write64(Reg.PRIQ_BASE, ContractQueues.PAGES | ContractQueues.LOG2_PAGES);
        bed.enable();
        bed.write(Reg.IRQ_CTRL, Reg.IRQ_CTRL_EVENTQ | Reg.IRQ_CTRL_GERROR | Reg.IRQ_CTRL_PRIQ);
        disable();
        differences.put(Difference.BLOCKS_SILENTLY, "STE.Config 0b000: abort, and record nothing");
        differences.put(
                Difference.ENTRY_FAULTS_WITHOUT_ACCESS, "C_BAD_STREAMID and C_BAD_STE have neither address nor RnW");
        if (!first) {
            differences.put(Difference.NO_PASIDS, "SubstreamIDs choose context descriptors, which only stage 1 has");
        }
    }

    /** Stage 1 alone. */
    static Vendor stage1() {
        return simulation -> new ContractBed(simulation, true, false);
    }

    /** Stage 2 alone. */
    static Vendor stage2() {
        return simulation -> new ContractBed(simulation, false, true);
    }

    /** Stage 1 over stage 2. */
    static Vendor nested() {
        return simulation -> new ContractBed(simulation, true, true);
    }

    @Override
    public DeviceBed<?> machine() {
        return bed;
    }

    @Override
    public Map<Difference, String> differences() {
        return differences;
    }

    @Override
    public void enable() {
        bed.write(Reg.CR0, ON | Reg.CR0_SMMUEN);
        bed.run();
    }

    @Override
    public void disable() {
        bed.write(Reg.CR0, ON);
        bed.run();
    }

    // ---- address spaces and configuration

    @Override
    public Space space(int tag) {
        return new ContractSpace(bed.memory, tag, first, host);
    }

    @Override
    public void attach(int function, Space space) {
        entry(function, (ContractSpace) space, Ste.EATS_TRANS);
    }

    @Override
    public void attach(int function, int pasid, Space space) {
        context(function, pasid, (ContractSpace) space);
    }

    private void entry(int function, ContractSpace space, int eats) {
        long[] ste;
        if (first) {
            long contextTable = context(function, 0, space);
            ste = host == null
                    ? Smmuv3Testbed.stage1Ste(contextTable, VMID)
                    : Smmuv3Testbed.nestedSte(contextTable + Space.GUEST, host.root(), VMID);
            Ste.S1CDMAX.put(ste, LOG2_CONTEXTS);
            Ste.S1DSS.put(ste, Ste.S1DSS_SSID0);
        } else {
            ste = Smmuv3Testbed.stage2Ste(space.root(), space.tag);
        }
        Ste.EATS.put(ste, eats);
        bed.ste(function, ste);
    }

    /** Writes a context descriptor; returns where the function's descriptors are. */
    private long context(int function, int pasid, ContractSpace space) {
        long table = contexts.computeIfAbsent(function, nobody -> bed.page());
        if (host != null) {
            host.map(table + Space.GUEST, table, Vmsav8Tables.S2_PAGE);
        }
        bed.words(table + (long) pasid * Cd.BYTES, Smmuv3Testbed.cd(space.root(), space.tag));
        return table;
    }

    @Override
    public void block(int function) {
        bed.ste(function, Ste.abort());
    }

    @Override
    public void bypass(int function) {
        bed.ste(function, Ste.bypass());
    }

    @Override
    public void forbidAts(int function, Space space) {
        entry(function, (ContractSpace) space, Ste.EATS_ABORT);
    }

    @Override
    public int stranger() {
        return 1 << Smmuv3Testbed.LOG2_STREAMS;
    }

    // ---- invalidations

    @Override
    public void invalidatePages(Space space, long iova, int log2Pages) {
        ContractSpace mine = (ContractSpace) space;
        for (int page = 0; page < 1 << log2Pages; page++) {
            bed.put(
                    first ? Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID, mine.tag) : Cmd.tlbi0(Cmd.TLBI_S2_IPA, mine.tag, 0),
                    Cmd.tlbi1(iova + ((long) page << Space.SMALL), true));
        }
    }

    @Override
    public void invalidateSpace(Space space) {
        ContractSpace mine = (ContractSpace) space;
        bed.put(first ? Cmd.tlbi0(Cmd.TLBI_NH_ASID, VMID, mine.tag) : Cmd.tlbi0(Cmd.TLBI_S12_VMALL, mine.tag, 0), 0);
    }

    @Override
    public void invalidateAll() {
        bed.put(Cmd.tlbi0(Cmd.TLBI_NSNH_ALL, 0, 0), 0);
    }

    @Override
    public void invalidateFunction(int function, Space old) {
        bed.put(Cmd.cfgiSte0(function), Cmd.leaf1(true));
        if (first) {
            bed.put(Cmd.cfgiCdAll0(function), 0);
        }
    }

    @Override
    public void invalidatePasid(int function, int pasid, Space old) {
        bed.put(Cmd.cfgiCd0(function, pasid), Cmd.leaf1(true));
    }

    @Override
    public void sync() {
        bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        bed.ring();
    }

    @Override
    public boolean synced() {
        return bed.consumed();
    }

    // ---- the rest

    @Override
    public FaultLog faults() {
        return queues;
    }

    @Override
    public DeviceCaches deviceCaches() {
        return this;
    }

    @Override
    public PageRequests pageRequests() {
        return pages;
    }

    /** The interrupt controller's doorbell is a page like others. */
    @Override
    public Optional<Messages> messages() {
        return Optional.empty();
    }

    @Override
    public void make(Mistake mistake) {
        Faults faults = bed.device.faults();
        switch (mistake) {
            case MISSES_LARGE_PAGES -> faults.missesBlocks = true;
            case FORGETS_FLIGHTS -> faults.forgetsFlights = true;
            case COMPLETES_TOO_EARLY -> faults.syncDoesNotWait = true;
        }
    }

    @Override
    public void invalidate(int function, int pasid, long address, int shift) {
        bed.put(Cmd.atcInv0(function, pasid, false), Cmd.atcInv1(address, shift - Space.SMALL));
    }

    @Override
    public boolean timedOut() {
        boolean error = bed.read(Reg.GERROR) != bed.read(Reg.GERRORN);
        int reason = (bed.read(Reg.CMDQ_CONS) & Reg.CMDQ_CONS_ERR) >>> Reg.CMDQ_CONS_ERR_SHIFT;
        return error && reason == Reg.CERROR_ATC_INV_SYNC;
    }

    @Override
    public void recover() {
        bed.write(Reg.GERRORN, bed.read(Reg.GERROR));
        bed.run();
    }
}
