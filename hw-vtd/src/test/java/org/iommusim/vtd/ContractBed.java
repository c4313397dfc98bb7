package org.iommusim.vtd;

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
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.DeviceBed;
import org.iommusim.sim.Simulation;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.ScalableContextEntry;

/**
 * A VT-d unit in the words of the contract. In scalable mode each function has a PASID directory of its own, whose entry 0 is
 * that of its requests without PASID.
 */
final class ContractBed implements VendorBed, DeviceCaches {
    /** How the unit translates. */
    enum Way {
        /** Legacy mode. */
        LEGACY("legacy", false),
        /** The same as a hypervisor shows it: software tells of every change. */
        CACHING("caching-mode", false),
        /** Scalable mode, first stages. */
        FIRST("scalable", true),
        /** Scalable mode, second stages. */
        SECOND("scalable", true),
        /** Scalable mode, first stages over a second one. */
        NESTED("scalable", true);

        private final String preset;
        private final boolean scalable;

        Way(String preset, boolean scalable) {
            this.preset = preset;
            this.scalable = scalable;
        }

        Vendor vendor() {
            return simulation -> new ContractBed(this, simulation);
        }
    }

    private static final int BYPASS_DID = 63;

    private final VtdTestbed bed;
    private final Way way;
    private final ContractFaults faults;
    private final ContractPageRequests pages;
    private final ContractMessages messages;
    private final Map<Difference, String> differences = new EnumMap<>(Difference.class);
    private final Map<Integer, Long> directories = new TreeMap<>();
    /** The second stage below all first stages, or 0. */
    private final long hostRoot;

    private int awaited;

    private ContractBed(Way way, Simulation simulation) {
        this.way = way;
        bed = VtdTestbed.in(simulation, way.preset, Map.of("dt", 1L));
        bed.prepare(way.scalable ? Reg.TTM_SCALABLE : Reg.TTM_LEGACY);
        bed.write(Reg.PECTL, 0);
        hostRoot = way == Way.NESTED ? bed.page() : 0;
        faults = new ContractFaults(bed, way == Way.SECOND);
        pages = new ContractPageRequests(bed);
        messages = new ContractMessages(bed);
        say();
    }

    private void say() {
        differences.put(
                Difference.LARGE_PAGES_AS_A_WHOLE,
                "IVA.AM: for a page of 2 MiB software must say a mask of at least 9");
        differences.put(Difference.FAULTS_BY_PAGE, "FRCD.FI has no bits below 12");
        differences.put(
                Difference.COLLAPSES_FAULTS, "a source has at most one pending record, as an implementation may");
        if (!way.scalable) {
            differences.put(Difference.NO_PASIDS, "legacy mode blocks requests with PASID (RTA.2)");
        } else {
            differences.put(
                    Difference.ENTRIES_BY_SPACE, "PASID-cache invalidation names a domain and a PASID, no function");
        }
        if (way != Way.FIRST && way != Way.NESTED) {
            differences.put(Difference.ABSENT_IS_FORBIDDEN, "a second-stage entry is absent if it permits nothing");
        }
        if (way == Way.CACHING) {
            differences.put(Difference.CACHES_ABSENCE, "CAP.CM");
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
        bed.command(Reg.TE);
    }

    @Override
    public void disable() {
        bed.write(Reg.GCMD, Reg.QIE);
        bed.run();
    }

    // ---- address spaces and configuration

    @Override
    public Space space(int tag) {
        return new ContractSpace(bed, tag, way == Way.FIRST || way == Way.NESTED, hostRoot);
    }

    @Override
    public void attach(int function, Space space) {
        ContractSpace mine = (ContractSpace) space;
        if (way.scalable) {
            bed.scalableContext(function, context(function, true));
            pasidEntry(function, 0, mine);
        } else {
            context(function, mine, ContextEntry.TT_ALL);
        }
    }

    @Override
    public void attach(int function, int pasid, Space space) {
        pasidEntry(function, pasid, (ContractSpace) space);
    }

    private void context(int function, ContractSpace space, int type) {
        bed.context(function, ContextEntry.present(type, space.root(), ContractSpace.LEVELS, space.did));
    }

    private long[] context(int function, boolean ats) {
        long directory = directories.computeIfAbsent(function, nobody -> bed.page());
        long[] words = ScalableContextEntry.present(directory, 0, 0);
        ScalableContextEntry.DTE.put(words, ats ? 1 : 0);
        ScalableContextEntry.PASIDE.put(words, 1);
        ScalableContextEntry.PRE.put(words, ats ? 1 : 0);
        return words;
    }

    private void pasidEntry(int function, int pasid, ContractSpace space) {
        space.pasids.add(pasid);
        bed.words(pasidAddress(function, pasid), space.entry());
    }

    private long pasidAddress(int function, int pasid) {
        long at = PasidDirEntry.address(directories.get(function), pasid);
        if (bed.memory.read64(at) == 0) {
            bed.memory.write64(at, PasidDirEntry.present(bed.page()));
        }
        return PasidEntry.address(PasidDirEntry.SMPTBLPTR.inPlace(bed.memory.read64(at)), pasid);
    }

    @Override
    public void block(int function) {
        if (way.scalable) {
            bed.scalableContext(function, new long[ScalableContextEntry.WORDS]);
        } else {
            bed.context(function, new long[ContextEntry.WORDS]);
        }
    }

    @Override
    public void bypass(int function) {
        if (way.scalable) {
            bed.scalableContext(function, context(function, false));
            bed.words(pasidAddress(function, 0), PasidEntry.passThrough(BYPASS_DID));
        } else {
            bed.context(
                    function, ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 0, ContractSpace.LEVELS, BYPASS_DID));
        }
    }

    @Override
    public void forbidAts(int function, Space space) {
        if (way.scalable) {
            bed.scalableContext(function, context(function, false));
        } else {
            context(function, (ContractSpace) space, ContextEntry.TT_UNTRANSLATED);
        }
    }

    @Override
    public int stranger() {
        return 0x1028; // its bus has no context table
    }

    // ---- invalidations

    @Override
    public void invalidatePages(Space space, long iova, int log2Pages) {
        ContractSpace mine = (ContractSpace) space;
        long pages1 = Inv.pages1(iova, log2Pages, true);
        if (mine.firstStage) {
            mine.pasids.forEach(pasid -> bed.put(Inv.pasidIotlb0(Inv.G_PASID_PAGE, mine.did, pasid), pages1));
        } else {
            bed.put(Inv.iotlb0(Inv.G_IOTLB_PAGE, mine.did, true, true), pages1);
        }
    }

    @Override
    public void invalidateSpace(Space space) {
        ContractSpace mine = (ContractSpace) space;
        if (mine.firstStage) {
            mine.pasids.forEach(pasid -> bed.put(Inv.pasidIotlb0(Inv.G_PASID_ALL, mine.did, pasid), 0));
        } else {
            bed.put(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, mine.did, true, true), 0);
        }
    }

    @Override
    public void invalidateAll() {
        bed.put(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true), 0);
    }

    @Override
    public void invalidateFunction(int function, Space old) {
        ContractSpace mine = (ContractSpace) old;
        bed.put(Inv.context0(Inv.G_CONTEXT_DEVICE, mine.did, function, 0), 0);
        if (way.scalable) {
            invalidatePasid(function, 0, old);
        }
    }

    @Override
    public void invalidatePasid(int function, int pasid, Space old) {
        bed.put(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, ((ContractSpace) old).did, pasid), 0);
    }

    @Override
    public void sync() {
        awaited = bed.putWait();
        bed.ring();
    }

    @Override
    public boolean synced() {
        return bed.waited() == awaited;
    }

    // ---- the rest

    @Override
    public FaultLog faults() {
        return faults;
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
        if (pasid == DmaRequest.NO_PASID) {
            bed.put(Inv.deviceTlb0(function, 0, 0), Inv.deviceTlb1(address, shift - Space.SMALL));
        } else {
            bed.put(Inv.pasidDeviceTlb0(function, pasid, 0, 0), Inv.pasidDeviceTlb1(address, shift - Space.SMALL));
        }
    }

    @Override
    public boolean timedOut() {
        return (bed.read(Reg.FSTS) & Reg.FSTS_ITE) != 0;
    }

    @Override
    public void recover() {
        bed.write(Reg.FSTS, Reg.FSTS_ITE);
        bed.run();
    }
}
