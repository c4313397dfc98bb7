package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.NotingEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;

/** An SMMU with ATS, PRI and stalls, streams 3 (stage 1), 4 (stage 2) and 5 (both), and a function that only takes notes. */
final class AtsBed {
    static final int S1 = 3;
    static final int S2 = 4;
    static final int BOTH = 5;
    static final int VMID = 1;
    static final long CD = Smmuv3Testbed.FREE;
    static final long PAGES = 0x22_0000;
    static final int LOG2_PAGES = 1;
    /** Where stage 1 puts addresses, and stage 2. */
    static final long TO = 0x2000_0000;

    final Smmuv3Testbed bed;
    final Vmsav8Tables first;
    final Vmsav8Tables second;
    /** What the functions were sent. */
    final List<String> sent = new ArrayList<>();

    AtsBed(Map<String, Long> overrides) {
        Map<String, Long> values = new TreeMap<>(Map.of("ats", 1L, "pri", 1L, "stall_model", 0L, "atc_tags", 3L));
        values.putAll(overrides);
        bed = Smmuv3Testbed.of("mmu-600", values);
        first = new Vmsav8Tables(bed.memory, Smmuv3Testbed.FREE + 0x10_0000, 0);
        second = new Vmsav8Tables(bed.memory, Smmuv3Testbed.FREE + 0x20_0000, 0);
        bed.words(CD, Smmuv3Testbed.cd(first.root(), 5));
        bed.ste(S1, eats(Smmuv3Testbed.stage1Ste(CD, VMID), Ste.EATS_TRANS));
        bed.ste(S2, eats(Smmuv3Testbed.stage2Ste(second.root(), VMID), Ste.EATS_TRANS));
        bed.write64(Reg.PRIQ_BASE, PAGES | LOG2_PAGES);
        bed.device.connect(new NotingEndpoint(S1, 2, sent));
        bed.enable();
    }

    static AtsBed plain() {
        return new AtsBed(Map.of());
    }

    static long[] eats(long[] ste, int eats) {
        Ste.EATS.put(ste, eats);
        return ste;
    }

    /** Makes stream 5: stage 1 over stage 2, whose tables and CD lie at the same IPAs. */
    void nested(int eats) {
        for (long page = Smmuv3Testbed.FREE; page < Smmuv3Testbed.FREE + 0x12_0000; page += 0x1000) {
            second.map(page, page, Vmsav8Tables.S2_PAGE);
        }
        bed.ste(BOTH, eats(Smmuv3Testbed.nestedSte(CD, second.root(), VMID), eats));
    }

    /** Sets more bits of CR0. */
    void control(int bits) {
        bed.write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN | Reg.CR0_SMMUEN | bits);
        run();
    }

    void disable() {
        bed.write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN);
        run();
    }

    void recordErrors() {
        bed.write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_EVENTQEN);
        run();
        bed.write(Reg.CR2, Reg.CR2_RECINVSID | Reg.CR2_REC_CFG_ATS);
        control(0);
    }

    void run() {
        bed.sim.scheduler().run();
    }

    /** A translation request and its answer. */
    DmaRequest ask(int sid, int pasid, long iova, boolean write) {
        DmaRequest request = bed.request(sid, pasid, iova, write);
        return ask(request);
    }

    DmaRequest ask(DmaRequest request) {
        request.resend(AddressType.TRANSLATION_REQUEST, request.iova());
        bed.device.accept(request, r -> {});
        run();
        return request;
    }

    DmaRequest ask(int sid, long iova) {
        return ask(sid, DmaRequest.NO_PASID, iova, true);
    }

    /** A translated transaction. */
    DmaRequest translated(int sid, long address) {
        DmaRequest request = bed.request(sid, DmaRequest.NO_PASID, 0x7000, true);
        request.resend(AddressType.TRANSLATED, address);
        bed.issue(request);
        run();
        return request;
    }

    void page(int group, boolean last, int pasid) {
        page(new PageRequest(S1, pasid, 0x5000, group, last, true, false, false, false));
    }

    void page(PageRequest request) {
        bed.device.pageRequested(request);
        run();
    }

    /** Codes of the events that are in the queue. */
    List<String> events() {
        List<String> names = new ArrayList<>();
        int from = bed.read(Reg.EVENTQ_CONS) & 0xf;
        for (int i = 0; i < bed.events(); i++) {
            names.add(Event.name(Event.ID.getInt(bed.event(from + i & 7, 0))));
        }
        return names;
    }

    /** Software has taken all events. */
    void takeEvents() {
        bed.write(Reg.EVENTQ_CONS, bed.read(Reg.EVENTQ_PROD));
        run();
    }

    void resume(int sid, int stag, boolean retry) {
        bed.command(Cmd.resume0(sid, retry, !retry), Cmd.resume1(stag));
    }
}
