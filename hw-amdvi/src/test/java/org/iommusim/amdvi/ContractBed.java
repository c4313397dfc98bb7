package org.iommusim.amdvi;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.contract.DeviceCaches;
import org.iommusim.hw.contract.Difference;
import org.iommusim.hw.contract.FaultLog;
import org.iommusim.hw.contract.Messages;
import org.iommusim.hw.contract.Mistake;
import org.iommusim.hw.contract.PageRequests;
import org.iommusim.hw.contract.Space;
import org.iommusim.hw.contract.Vendor;
import org.iommusim.hw.contract.VendorBed;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.DeviceBed;
import org.iommusim.sim.Simulation;

/**
 * An AMD-Vi unit in the words of the contract. By guest tables, each function has a GCR3 table of one level, whose entry 0 is
 * that of its requests without PASID.
 */
final class ContractBed implements VendorBed, DeviceCaches {
    /** How the unit translates. */
    enum Way {
        /** Host tables. */
        HOST("guest-tables", Map.of(), false),
        /** The same as a hypervisor shows it: software tells of every change. */
        NP_CACHE("np-cache", Map.of("iotlb_sup", 1L), false),
        /** Guest tables. */
        GUEST("guest-tables", Map.of(), true),
        /** Guest tables over host tables. */
        NESTED("guest-tables", Map.of(), true);

        private final String preset;
        private final Map<String, Long> overrides;
        private final boolean guest;

        Way(String preset, Map<String, Long> overrides, boolean guest) {
            this.preset = preset;
            this.overrides = overrides;
            this.guest = guest;
        }

        Vendor vendor() {
            return simulation -> new ContractBed(this, simulation);
        }
    }

    /** Pages of the device table, less 1: it ends at DeviceID 0x17f. */
    private static final int TABLE_PAGES = 2;

    private static final int NOBODY = 63;
    private static final int PENDING = 32;
    /** INVALIDATE_IOTLB_PAGES may take a millisecond. */
    private static final int TIMEOUT = 1;

    private final AmdViTestbed bed;
    private final Way way;
    private final ContractLogs logs;
    private final PageRequests pages;
    private final ContractMessages messages;
    private final Map<Difference, String> differences = new EnumMap<>(Difference.class);
    private final Map<Integer, Long> gcr3Tables = new TreeMap<>();
    private final Map<Integer, Integer> domains = new TreeMap<>();
    /** The host tables below all guest tables, or 0. */
    private final long hostRoot;

    private final long control;

    private ContractBed(Way way, Simulation simulation) {
        this.way = way;
        bed = AmdViTestbed.in(simulation, way.preset, way.overrides);
        logs = new ContractLogs(bed);
        pages = logs.new Pages();
        messages = new ContractMessages(bed);
        hostRoot = way == Way.NESTED ? bed.page() : 0;
        bed.write64(Reg.DEV_TAB_BASE, AmdViTestbed.DEVICE_TABLE | TABLE_PAGES);
        bed.write64(Reg.CMD_BUF_BASE, Reg.ringBase(AmdViTestbed.COMMANDS, Reg.LEN_MIN));
        bed.write64(Reg.EVT_LOG_BASE, Reg.ringBase(AmdViTestbed.EVENTS, Reg.LEN_MIN));
        long on = Control.EVENT_LOG_EN.mask()
                | Control.EVENT_INT_EN.mask()
                | Control.CMD_BUF_EN.mask()
                | Control.COHERENT.mask()
                | Control.INV_TIMEOUT.with(0, TIMEOUT);
        if (bed.device.efr().ppr()) {
            bed.write64(Reg.PPR_LOG_BASE, Reg.ringBase(AmdViTestbed.PAGE_REQUESTS, Reg.LEN_MIN));
            bed.write64(Reg.PPR_AUTO_RSP, Reg.AUTO_RSP_CODE.with(0, Cmd.PPR_SUCCESS));
            on |= Control.PPR_LOG_EN.mask()
                    | Control.PPR_EN.mask()
                    | Control.PPR_INT_EN.mask()
                    | Control.PPR_AUTO_RSP_EN.mask();
        }
        if (bed.device.efr().gt()) {
            // GCR3 tables of guests are at guest addresses, as Linux has it.
            on |= Control.GT_EN.mask() | (way == Way.NESTED ? Control.GCR3_TRP_MODE.mask() : 0);
        }
        control = on;
        say();
    }

    private void say() {
        differences.put(
                Difference.ENTRY_FAULTS_AS_PAGES, "TV=0 is an IO_PAGE_FAULT with PR=0, as a page that is not present");
        differences.put(
                Difference.COMPLETES_AFTER_TIMEOUT,
                "COMPLETION_WAIT completes; the event IOTLB_INV_TIMEOUT tells of it");
        if (!way.guest) {
            differences.put(Difference.NO_PASIDS, "a PASID chooses guest tables (GV); without, the request is invalid");
        }
        if (way == Way.NP_CACHE) {
            differences.put(Difference.CACHES_ABSENCE, "NpCache of the capability header");
        }
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
        bed.write64(Reg.CONTROL, control);
        bed.write64(Reg.CONTROL, control | Control.IOMMU_EN.mask());
        bed.run();
    }

    @Override
    public void disable() {
        bed.write64(Reg.CONTROL, control);
        bed.run();
    }

    // ---- address spaces and configuration

    @Override
    public Space space(int tag) {
        return new ContractSpace(bed, tag, way.guest, hostRoot);
    }

    @Override
    public void attach(int function, Space space) {
        entry(function, (ContractSpace) space, true);
    }

    @Override
    public void attach(int function, int pasid, Space space) {
        gcr3(function, pasid, (ContractSpace) space);
    }

    private void entry(int function, ContractSpace space, boolean ats) {
        long[] words;
        domains.put(function, space.domain);
        if (way.guest) {
            boolean nested = hostRoot != 0;
            words = nested ? Dte.host(hostRoot, ContractSpace.LEVELS, space.domain) : Dte.passThrough(space.domain);
            long table = gcr3(function, 0, space);
            Dte.putGuest(words, nested ? table + Space.GUEST : table, 1, ContractSpace.LEVELS);
            Dte.GIOV.put(words, 1);
        } else {
            words = Dte.host(space.root(), ContractSpace.LEVELS, space.domain);
        }
        Dte.I.put(words, ats ? 1 : 0);
        Dte.PPR.put(words, ats && bed.device.efr().ppr() ? 1 : 0);
        messages.describe(function, words);
        bed.entry(function, words);
    }

    /** Writes the entry of a PASID; returns the function's table. */
    private long gcr3(int function, int pasid, ContractSpace space) {
        long table = gcr3Tables.computeIfAbsent(function, nobody -> bed.page());
        if (hostRoot != 0) {
            bed.mapHost(hostRoot, ContractSpace.LEVELS, table + Space.GUEST, table);
        }
        space.users.add(new ContractSpace.Tag(domains.get(function), pasid));
        bed.gcr3(table, pasid, space.root());
        return table;
    }

    @Override
    public void block(int function) {
        long[] words = new long[Dte.WORDS];
        Dte.V.put(words, 1);
        bed.entry(function, words);
    }

    @Override
    public void bypass(int function) {
        bed.entry(function, Dte.passThrough(NOBODY));
    }

    @Override
    public void forbidAts(int function, Space space) {
        entry(function, (ContractSpace) space, false);
    }

    @Override
    public int stranger() {
        return 0x1028;
    }

    // ---- invalidations

    @Override
    public void invalidatePages(Space space, long iova, int log2Pages) {
        pages((ContractSpace) space, Cmd.pages1(iova, Space.SMALL + log2Pages));
    }

    @Override
    public void invalidateSpace(Space space) {
        pages((ContractSpace) space, Cmd.allPages1() | Cmd.PDE.mask());
    }

    private void pages(ContractSpace space, long pages1) {
        if (space.guest) {
            space.users.forEach(
                    tag -> bed.put(Cmd.invalidateIommuPages0(tag.domain(), tag.pasid()), pages1 | Cmd.GN.mask()));
        } else {
            bed.put(Cmd.invalidateIommuPages0(space.domain, 0), pages1);
        }
    }

    @Override
    public void invalidateAll() {
        bed.put(Cmd.invalidateIommuAll0(), 0);
    }

    @Override
    public void invalidateFunction(int function, Space old) {
        bed.put(Cmd.invalidateDevtabEntry0(function), 0);
    }

    @Override
    public void invalidatePasid(int function, int pasid, Space old) {
        bed.put(
                Cmd.invalidateIommuPages0(domains.get(function), pasid),
                Cmd.allPages1() | Cmd.PDE.mask() | Cmd.GN.mask());
    }

    @Override
    public void sync() {
        bed.putWait();
        bed.ring();
    }

    @Override
    public boolean synced() {
        return bed.waited() == bed.lastWait();
    }

    // ---- the rest

    @Override
    public FaultLog faults() {
        return logs;
    }

    @Override
    public DeviceCaches deviceCaches() {
        return this;
    }

    @Override
    public PageRequests pageRequests() {
        return pages;
    }

    @Override
    public Optional<Messages> messages() {
        return Optional.of(messages);
    }

    @Override
    public void make(Mistake mistake) {
        Mistakes mistakes = bed.device.mistakes();
        switch (mistake) {
            case MISSES_LARGE_PAGES -> mistakes.missesLargePages = true;
            case FORGETS_FLIGHTS -> mistakes.forgetsFlights = true;
            case COMPLETES_TOO_EARLY -> mistakes.waitDoesNotDrain = true;
        }
    }

    @Override
    public void invalidate(int function, int pasid, long address, int shift) {
        boolean process = pasid != DmaRequest.NO_PASID;
        bed.put(
                Cmd.invalidateIotlbPages0(function, function, PENDING, process ? pasid : 0),
                Cmd.pages1(address, shift) | (process ? Cmd.GN.mask() : 0));
    }

    @Override
    public boolean timedOut() {
        return logs.hasTimeout();
    }

    @Override
    public void recover() {
        logs.take();
    }
}
