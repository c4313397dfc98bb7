package org.iommusim.amdvi.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.iommu.PageRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordTest {
    @Test
    void shouldLayOutEvents() {
        long fault = Event.withDomain(Event.word0(Event.IO_PAGE_FAULT, 0x28, Event.PR | Event.RW | Event.PE), 0x15);
        assertThat(fault).isEqualTo(0x2070_0015_0000_0028L);
        assertThat(Event.code(fault)).isEqualTo(Event.IO_PAGE_FAULT);
        assertThat(Event.text(fault, 0x1000)).isEqualTo("IO_PAGE_FAULT device=0x28 domain=21 flags=0x70 addr=0x1000");
        long guest = Event.withPasid(Event.word0(Event.IO_PAGE_FAULT, 0x28, Event.GN), 0x54321);
        assertThat(guest).isEqualTo(0x2001_4321_0005_0028L);
        assertThat(Event.pasid(guest)).isEqualTo(0x54321);
        assertThat(Event.text(guest, 0)).isEqualTo("IO_PAGE_FAULT device=0x28 pasid=344865 flags=0x1 addr=0x0");
        long ppr = Ppr.PASID_15_0.with(Event.word0(Event.INVALID_PPR_REQUEST, 0x28, Event.PPR_GN), 9);
        assertThat(Event.text(Ppr.TAG.with(ppr, 5), 0))
                .isEqualTo("INVALID_PPR_REQUEST device=0x28 pasid=9 tag=5 flags=0x200 addr=0x0");
        assertThat(Event.text(Event.word0(Event.INVALID_PPR_REQUEST, 0x28, Event.PPR_RX), 0))
                .isEqualTo("INVALID_PPR_REQUEST device=0x28 tag=0 flags=0x1 addr=0x0");
        assertThat(Event.HW_TYPE.with(0, Event.HW_DATA_ERROR)).isEqualTo(3L << 57);
        assertThat(Event.INVALID_DEVICE_TYPE.with(0, 7)).isEqualTo(7L << 57);
    }

    @ParameterizedTest
    @CsvSource({
        "1, ILLEGAL_DEV_TABLE_ENTRY",
        "2, IO_PAGE_FAULT",
        "3, DEV_TAB_HARDWARE_ERROR",
        "4, PAGE_TAB_HARDWARE_ERROR",
        "5, ILLEGAL_COMMAND_ERROR",
        "6, COMMAND_HARDWARE_ERROR",
        "7, IOTLB_INV_TIMEOUT",
        "8, INVALID_DEVICE_REQUEST",
        "9, INVALID_PPR_REQUEST",
        "10, event 0xa",
        "13, RMP_PAGE_FAULT",
        "14, RMP_HW_ERROR"
    })
    void shouldNameEvents(int code, String name) {
        assertThat(Event.name(code)).isEqualTo(name);
    }

    @Test
    void shouldLayOutPageRequestsOfProcesses() {
        PageRequest r = new PageRequest(0x4228, 0x54321, 0x7fff_1234_5678L, 0x1ff, true, true, true, true, false);
        assertThat(Ppr.word0(r)).isEqualTo(0x1166_17ff_4321_4228L);
        assertThat(Ppr.word1(r)).isEqualTo(0x7fff_1234_5000L);
        assertThat(Ppr.pasid(Ppr.word0(r))).isEqualTo(0x54321);
        assertThat(Ppr.text(Ppr.word0(r), Ppr.word1(r)))
                .isEqualTo("device=0x4228 pasid=344865 addr=0x7fff12345000 tag=511 read write exec user last");
        PageRequest privileged = new PageRequest(0x4228, 1, 0, 0, false, false, false, false, true);
        assertThat(Ppr.word0(privileged)).isEqualTo(0x1100_0000_0001_4228L);
    }

    @Test
    void shouldLayOutInterruptsOfGuests() {
        long word = GaRecord.word(0x4228, 0x8765_4321);
        assertThat(word).isEqualTo(0x1000_4228_8765_4321L);
        assertThat(GaRecord.text(word)).isEqualTo("device=0x4228 tag=0x87654321");
    }

    @Test
    void shouldTakePasidZeroForAPasid() {
        PageRequest r = new PageRequest(0x28, 0, 0x5000, 3, false, true, false, true, true);
        assertThat(Ppr.GN.isSet(Ppr.word0(r))).isTrue();
    }

    @Test
    void shouldLayOutPageRequestsOfFunctions() {
        PageRequest r = new PageRequest(0x28, -1, 0x5000, 3, false, true, false, true, true);
        assertThat(Ppr.word0(r)).isEqualTo(0x1004_0003_0000_0028L);
        assertThat(Ppr.text(Ppr.word0(r), Ppr.word1(r))).isEqualTo("device=0x28 addr=0x5000 tag=3 read");
    }
}
