package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Pc;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Event counters: their registers, what they count, and of whom. */
class EventCountersTest {
    private static final int ID = 0x28;
    private static final int OTHER = 0x30;
    private static final int DOMAIN = 7;

    private final AmdViTestbed bed = AmdViTestbed.of(
                    "guest-tables", Map.of("counter_banks", 2L, "counters_per_bank", 3L))
            .enable();

    private void count(int counter, int source) {
        bed.write64(Pc.register(0, counter, Pc.SOURCE), source);
    }

    private long counted(int counter) {
        return bed.read64(Pc.register(0, counter, Pc.COUNTER));
    }

    @Test
    @Rule("AMDVI-PC-01")
    void shouldSayHowManyThereAre() {
        assertThat(bed.device.efr().pc()).isTrue();
        assertThat(bed.device.mmioBytes()).isEqualTo(Reg.BYTES_WITH_COUNTERS);
        assertThat(bed.read64(Reg.CNTR_CONF)).isEqualTo(2 << 12 | 3 << 7);
        bed.write64(Reg.CNTR_CONF, -1);
        assertThat(bed.read64(Reg.CNTR_CONF)).isEqualTo(2 << 12 | 3 << 7);
        AmdViTestbed without = AmdViTestbed.of("guest-tables");
        assertThat(without.device.efr().pc()).isFalse();
        assertThat(without.device.mmioBytes()).isEqualTo(Reg.BYTES);
        assertThat(without.read64(Reg.CNTR_CONF)).isZero();
    }

    @ParameterizedTest
    @Rule("AMDVI-PC-01")
    @CsvSource({
        "0x40000, 0x0000ffffffffffff",
        "0x40008, 0xff",
        "0x40010, 0x000fffff800fffff",
        "0x40018, 0x000fffff800fffff",
        "0x40020, 0x000fffff800fffff",
        "0x40028, 0",
        "0x40200, 0x0000ffffffffffff",
        "0x40300, 0",
        "0x41208, 0xff",
        "0x42000, 0",
        "0x3fff8, 0",
        "0x7fff8, 0"
    })
    void shouldKeepWhatIsNotReserved(int register, long mask) {
        bed.write64(register, -1L);
        assertThat(bed.read64(register)).isEqualTo(mask);
        bed.device.mmioWrite(register + 4, 4, 0);
        assertThat(bed.read64(register)).isEqualTo(mask & 0xffff_ffffL);
    }

    @Test
    @Rule("AMDVI-PC-02")
    void shouldCountWhatBecomesOfRequests() {
        long root = bed.page();
        bed.mapHost(root, 4, 0x5000, 0x2000_0000);
        long[] words = Dte.host(root, 4, DOMAIN);
        Dte.I.put(words, 1);
        bed.entry(ID, words);
        int[] sources = {Pc.MEM_PASS_UNTRANS, Pc.MEM_TRANS_TOTAL, Pc.MEM_TARGET_ABORT};
        for (int i = 0; i < 3; i++) {
            count(i, sources[i]);
        }
        bed.write64(Pc.register(1, 0, Pc.SOURCE), Pc.MEM_PASS_PRETRANS);
        bed.dmaRead(ID, 0x5000);
        bed.dmaRead(ID, 0x5008);
        bed.dmaRead(ID, 0x6000);
        bed.dmaRead(OTHER, 0x5000);
        bed.dmaRead(OTHER, 0x6000);
        bed.dmaRead(OTHER, 0x7000);
        DmaRequest translated = bed.request(ID, DmaRequest.NO_PASID, 0x5000, false);
        translated.resend(AddressType.TRANSLATED, 0x2000_0000);
        bed.dma(translated);
        DmaRequest asks = bed.request(ID, DmaRequest.NO_PASID, 0x5000, false);
        asks.resend(AddressType.TRANSLATION_REQUEST, 0x5000);
        bed.dma(asks);
        assertThat(counted(0)).isEqualTo(3);
        assertThat(counted(1)).isEqualTo(2);
        assertThat(counted(2)).isEqualTo(1);
        assertThat(bed.read64(Pc.register(1, 0, Pc.COUNTER))).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-PC-02")
    void shouldCountLookups() {
        long root = bed.page();
        bed.mapHost(root, 4, 0x5000, 0x2000_0000);
        bed.entry(ID, Dte.host(root, 4, DOMAIN));
        count(0, Pc.MEM_DTE_HIT);
        count(1, Pc.MEM_DTE_MIS);
        count(2, Pc.INT_DTE_MIS);
        bed.write64(Pc.register(1, 0, Pc.SOURCE), Pc.MEM_TLB_PTE_HIT);
        bed.write64(Pc.register(1, 1, Pc.SOURCE), Pc.MEM_TLB_PTE_MIS);
        bed.write64(Pc.register(1, 2, Pc.SOURCE), Pc.INT_DTE_HIT);
        for (int i = 0; i < 4; i++) {
            bed.dmaRead(ID, 0x5000 + 8L * i);
        }
        for (int i = 0; i < 3; i++) {
            bed.dmaWrite(OTHER, 0xfee0_0000L);
        }
        assertThat(counted(0)).isEqualTo(3);
        assertThat(counted(1)).isEqualTo(1);
        assertThat(counted(2)).isEqualTo(1);
        assertThat(bed.read64(Pc.register(1, 0, Pc.COUNTER))).isEqualTo(3);
        assertThat(bed.read64(Pc.register(1, 1, Pc.COUNTER))).isEqualTo(1);
        assertThat(bed.read64(Pc.register(1, 2, Pc.COUNTER))).isEqualTo(2);
    }

    @Test
    @Rule("AMDVI-PC-02")
    void shouldCountCommands() {
        count(0, Pc.CMD_PROCESSED);
        count(1, Pc.CMD_PROCESSED_INV);
        count(2, Pc.TLB_INV);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        bed.command(Cmd.invalidateIommuPages0(DOMAIN, 0), Cmd.allPages1());
        bed.command(Cmd.invalidateIommuAll0());
        // Each with its wait.
        assertThat(counted(0)).isEqualTo(6);
        assertThat(counted(1)).isEqualTo(3);
        assertThat(counted(2)).isEqualTo(2);
    }

    @ParameterizedTest
    @Rule("AMDVI-PC-03")
    @CsvSource({
        "0x20, 0x0000ffff80000028, 1",
        "0x20, 0x0000ffff00000028, 2",
        "0x20, 0x0000fff080000020, 1",
        "0x20, 0x0000000080000099, 2",
        "0x18, 0x0000ffff80000007, 2",
        "0x18, 0x0000ffff80000006, 0",
        "0x10, 0x000fffff80000000, 0"
    })
    void shouldCountWhatMatches(int function, long match, int count) {
        long root = bed.page();
        bed.mapHost(root, 4, 0x5000, 0x2000_0000);
        bed.entry(ID, Dte.host(root, 4, DOMAIN));
        bed.entry(OTHER, Dte.host(root, 4, DOMAIN));
        bed.write64(Pc.register(0, 0, function), match);
        count(0, Pc.MEM_TRANS_TOTAL);
        bed.dmaRead(ID, 0x5000);
        bed.dmaRead(OTHER, 0x5000);
        assertThat(counted(0)).isEqualTo(count);
    }

    @Test
    @Rule("AMDVI-PC-03")
    void shouldTakeZeroForAnId() {
        long root = bed.page();
        bed.mapHost(root, 4, 0x5000, 0x2000_0000);
        bed.entry(0, Dte.host(root, 4, DOMAIN));
        // Written in halves.
        bed.device.mmioWrite(Pc.register(0, 0, Pc.DEVICE_MATCH), 4, Pc.MATCH_EN.mask());
        bed.device.mmioWrite(Pc.register(0, 0, Pc.DEVICE_MATCH) + 4, 4, 0xffff);
        count(0, Pc.MEM_TRANS_TOTAL);
        bed.dmaRead(0, 0x5000);
        assertThat(counted(0)).isEqualTo(1);
        assertThat(bed.read64(Pc.register(0, 0, Pc.DEVICE_MATCH))).isEqualTo(0xffff_8000_0000L);
    }

    @Test
    @Rule("AMDVI-PC-03")
    void shouldNotMatchCommands() {
        bed.write64(Pc.register(0, 0, Pc.DEVICE_MATCH), Pc.MATCH_EN.mask());
        count(0, Pc.CMD_PROCESSED);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        assertThat(counted(0)).isZero();
    }

    @Test
    @Rule("AMDVI-PC-04")
    void shouldGoOnFromZero() {
        bed.write64(Pc.register(0, 0, Pc.COUNTER), Pc.COUNT.mask());
        count(0, Pc.CMD_PROCESSED);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        assertThat(counted(0)).isEqualTo(1);
        count(0, 0);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        assertThat(counted(0)).isEqualTo(1);
    }
}
