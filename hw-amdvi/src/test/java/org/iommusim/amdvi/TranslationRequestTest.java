package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers to translation requests. */
class TranslationRequestTest {
    private static final int ID = 0x128;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final int NONE = DmaRequest.NO_PASID;
    private static final long IOVA = 0x5000;
    private static final long DATA = 0x2000_0000L;
    private static final long NOWHERE = 2 * AmdViTestbed.END;
    private static final long RW = TranslationEntry.R | TranslationEntry.W;

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();
    private final long root = bed.page();

    /** Entries whose function may have a TLB of its own. */
    private long[] allowed(long[] words) {
        Dte.I.put(words, 1);
        bed.entry(ID, words);
        return words;
    }

    private void host() {
        allowed(Dte.host(root, 4, DID));
    }

    private void guest() {
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        allowed(words);
    }

    private DmaRequest request(int pasid, long address, boolean write) {
        DmaRequest request = bed.request(ID, pasid, address, write);
        request.resend(AddressType.TRANSLATION_REQUEST, address);
        return request;
    }

    private DmaRequest ask(int pasid, long address, boolean write) {
        return bed.dma(request(pasid, address, write));
    }

    private void grants(DmaRequest request, long address, int shift, long bits) {
        assertThat(request.completionStatus()).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(request.translationEntry()).isEqualTo(TranslationEntry.of(address, shift, bits));
        assertThat(bed.events()).isZero();
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    private void grantsNothing(DmaRequest request) {
        assertThat(request.completionStatus()).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(request.translationEntry()).isZero();
        assertThat(bed.events()).isZero();
    }

    private void fails(DmaRequest request, CompletionStatus status, int code) {
        assertThat(request.completionStatus()).isEqualTo(status);
        assertThat(Event.code(bed.takeEvent()[0])).isEqualTo(code);
    }

    // ---- who may ask

    @Test
    @Rule("AMDVI-ATS-01")
    void shouldAnswerNobodyWhileItIsOff() {
        AmdViTestbed off = AmdViTestbed.of("guest-tables");
        DmaRequest request = off.request(ID, NONE, IOVA, false);
        request.resend(AddressType.TRANSLATION_REQUEST, IOVA);
        assertThat(off.dma(request).completionStatus()).isEqualTo(CompletionStatus.UNSUPPORTED_REQUEST);
    }

    @Test
    @Rule("AMDVI-ATS-02")
    void shouldRefuseWhoMayNotAsk() {
        bed.entry(ID, Dte.host(root, 4, DID));
        fails(ask(NONE, IOVA, true), CompletionStatus.UNSUPPORTED_REQUEST, Event.INVALID_DEVICE_REQUEST);
    }

    @Test
    @Rule("AMDVI-PASID-01")
    void shouldRefuseAPasidWithoutGuestTables() {
        host();
        fails(ask(PASID, IOVA, true), CompletionStatus.UNSUPPORTED_REQUEST, Event.INVALID_DEVICE_REQUEST);
    }

    // ---- what is granted

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    @Rule("AMDVI-ATS-06")
    void shouldGrantWhatThePageAllows(boolean read, boolean write) {
        host();
        bed.mapHost(root, 4, IOVA, 1, V1Pte.page(DATA, read, write));
        grants(ask(NONE, IOVA, true), DATA, 12, (read ? TranslationEntry.R : 0) | (write ? TranslationEntry.W : 0));
    }

    @Test
    @Rule("AMDVI-ATS-06")
    void shouldGrantWhatTheEntryAllowsToo() {
        long[] words = Dte.host(root, 4, DID);
        Dte.IW.put(words, 0);
        allowed(words);
        bed.mapHost(root, 4, IOVA, DATA);
        grants(ask(NONE, IOVA, true), DATA, 12, TranslationEntry.R);
        Dte.IR.put(words, 0);
        allowed(words);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        grantsNothing(ask(NONE, IOVA, true));
    }

    @Test
    @Rule("AMDVI-ATS-10")
    void shouldTellTheSizeOfThePage() {
        host();
        bed.mapHost(root, 4, 1L << 30, 2, V1Pte.page(DATA, true, true));
        grants(ask(NONE, (1L << 30) + 0x5000, true), DATA, 21, RW);
        long sized = V1Pte.sizedPage(DATA, 14, true, true);
        for (int slot = 0; slot < 4; slot++) {
            bed.mapHost(root, 4, 0x8000 + 0x1000L * slot, 1, sized);
        }
        grants(ask(NONE, 0xa000, true), DATA, 14, RW);
    }

    @Test
    @Rule("AMDVI-ATS-11")
    void shouldTellWhatOnlyUntranslatedRequestsMayUse() {
        host();
        bed.mapHost(root, 4, IOVA, 1, V1Pte.page(DATA, true, true) | V1Pte.U);
        grants(ask(NONE, IOVA, true), DATA, 12, RW | TranslationEntry.U);
    }

    @Test
    @Rule("AMDVI-ATS-09")
    void shouldAnswerForWhatIsNotTranslated() {
        allowed(Dte.passThrough(DID));
        grants(ask(NONE, IOVA, true), IOVA, 12, RW);
    }

    @Test
    @Rule("AMDVI-ATS-05")
    void shouldGrantNothingWhereNothingIs() {
        host();
        grantsNothing(ask(NONE, IOVA, true));
        grantsNothing(ask(NONE, 1L << 48, true));
        guest();
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        grantsNothing(ask(PASID + 1, IOVA, true));
        grantsNothing(ask(1 << 12, IOVA, true));
    }

    @Test
    void shouldNotAskTheIotlb() {
        host();
        bed.mapHost(root, 4, IOVA, DATA);
        bed.dmaRead(ID, IOVA);
        DmaRequest request = ask(NONE, IOVA, false);
        grants(request, DATA, 12, RW);
        assertThat(request.ticks(Station.MAIN_TLB)).isZero();
        assertThat(request.ticks(Station.STAGE2_READ)).isPositive();
    }

    // ---- guest tables

    @Test
    @Rule("AMDVI-ATS-06")
    @Rule("AMDVI-AD-10")
    void shouldMarkAPageDirtyOnlyIfWritingIsWanted() {
        guest();
        long leaf = bed.mapGuest(root, 4, IOVA, DATA);
        grants(ask(PASID, IOVA, false), DATA, 12, TranslationEntry.R);
        assertThat(bed.memory.read64(leaf) & X86Pte.D).isZero();
        grants(ask(PASID, IOVA, true), DATA, 12, RW);
        assertThat(bed.memory.read64(leaf) & X86Pte.D).isNotZero();
    }

    @Test
    @Rule("AMDVI-ATS-07")
    void shouldGrantExecutionAndPrivilegeThatWereAskedFor() {
        guest();
        bed.mapGuest(root, 4, IOVA, DATA, X86Pte.RW | X86Pte.US | X86Pte.D);
        bed.mapGuest(root, 4, IOVA + 0x1000, DATA, X86Pte.RW | X86Pte.US | X86Pte.D | X86Pte.XD);
        bed.mapGuest(root, 4, IOVA + 0x2000, DATA, X86Pte.RW | X86Pte.D);
        DmaRequest executes = request(PASID, IOVA, false);
        executes.attributes(false, true);
        grants(bed.dma(executes), DATA, 12, RW | TranslationEntry.EXE);
        executes = request(PASID, IOVA + 0x1000, false);
        executes.attributes(false, true);
        grants(bed.dma(executes), DATA, 12, RW);
        DmaRequest privileged = request(PASID, IOVA + 0x2000, false);
        privileged.attributes(true, false);
        grants(bed.dma(privileged), DATA, 12, RW | TranslationEntry.PRIV);
        grantsNothing(ask(PASID, IOVA + 0x2000, false));
        for (int pasid : new int[] {PASID, PASID + 1}) {
            DmaRequest refused = request(pasid, IOVA + 0x3000, false);
            refused.attributes(true, false);
            assertThat(bed.dma(refused).translationEntry()).isEqualTo(TranslationEntry.PRIV);
        }
    }

    @Test
    @Rule("AMDVI-ATS-08")
    @Rule("AMDVI-ATS-05")
    void shouldAnswerThroughBothTables() {
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, 0x5_0000_0000L, DATA);
        allowed(tables.entry(DID));
        grants(ask(PASID, IOVA, true), DATA, 12, RW);
        bed.memory.write64(tables.hostEntryAddress(0x5_0000_0000L), V1Pte.page(DATA, true, false));
        grants(ask(PASID, IOVA, true), DATA, 12, TranslationEntry.R);
        bed.memory.write64(tables.hostEntryAddress(0x5_0000_0000L), 0);
        grantsNothing(ask(PASID, IOVA, true));
    }

    // ---- what is in error

    @Test
    @Rule("AMDVI-ATS-12")
    void shouldFailWhereTablesCannotBeRead() {
        host();
        bed.mapHost(root, 4, IOVA, 2, V1Pte.table(NOWHERE, 1));
        fails(ask(NONE, IOVA, true), CompletionStatus.COMPLETER_ABORT, Event.PAGE_TAB_HARDWARE_ERROR);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, NOWHERE, 1, 4);
        allowed(words);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        fails(ask(PASID, IOVA, true), CompletionStatus.COMPLETER_ABORT, Event.PAGE_TAB_HARDWARE_ERROR);
    }

    @Test
    @Rule("AMDVI-ATS-04")
    void shouldFailWhereTheEntryIsIllegal() {
        long[] words = Dte.host(root, 4, DID);
        words[0] |= 4;
        allowed(words);
        fails(ask(NONE, IOVA, true), CompletionStatus.COMPLETER_ABORT, Event.ILLEGAL_DEV_TABLE_ENTRY);
    }

    @Test
    @Rule("AMDVI-ATS-12")
    void shouldFailWhereTablesAreMalformed() {
        host();
        bed.mapHost(root, 4, IOVA, 2, V1Pte.table(DATA, 3));
        fails(ask(NONE, IOVA, true), CompletionStatus.COMPLETER_ABORT, Event.IO_PAGE_FAULT);
    }

    /** Also in an answer that grants nothing because the entry of the function allows nothing. */
    @Test
    @Rule("AMDVI-ATS-07")
    void shouldTellThatAPrivilegedRequestIsAnswered() {
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        bed.mapGuest(root, 4, IOVA, DATA);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        Dte.IR.put(words, 0);
        Dte.IW.put(words, 0);
        allowed(words);
        DmaRequest request = request(PASID, IOVA, false);
        request.attributes(true, false);
        assertThat(bed.dma(request).translationEntry()).isEqualTo(TranslationEntry.PRIV);
    }
}
