package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Accesses to registers: sizes, halves, what is read-only, what is protected. */
class RegisterFileTest {
    private final ControlBed bed = ControlBed.plain();
    private final int iva = bed.cap.iotlbOffset() + Reg.IVA;
    private final int iotlb = bed.cap.iotlbOffset() + Reg.IOTLB;

    @Test
    @Rule("VTD-REG-10")
    void shouldSayWhatItIsAfterAReset() {
        assertThat(bed.read(Reg.VER)).isEqualTo(0x10);
        assertThat(bed.read64(Reg.CAP)).isEqualTo(bed.cap.cap());
        assertThat(bed.read64(Reg.ECAP)).isEqualTo(bed.cap.ecap());
        for (int control : new int[] {Reg.FECTL, Reg.IECTL, Reg.PECTL}) {
            assertThat(bed.read(control)).isEqualTo(Reg.EVENT_IM);
        }
        assertThat(bed.unit.registers().bytes()).isEqualTo(0x1000);
    }

    @ParameterizedTest
    @Rule("VTD-REG-11")
    @ValueSource(ints = {Reg.VER, Reg.CAP, Reg.ECAP, Reg.GSTS, Reg.IQH, Reg.IQERCD, 0x2c0, 0xe00, 0x300})
    void shouldIgnoreWritesToWhatIsReadOnlyOrReserved(int offset) {
        int before = bed.read(offset);
        bed.write(offset, ~before);
        bed.run();
        assertThat(bed.read(offset)).isEqualTo(before);
    }

    @Test
    @Rule("VTD-REG-12")
    void shouldIgnoreAccessesOfAnotherSize() {
        RegisterFile registers = bed.unit.registers();
        registers.write(Reg.RTADDR + 2, 4, -1);
        registers.write(Reg.RTADDR, 2, -1);
        registers.write(Reg.RTADDR - 4, 8, -1);
        assertThat(bed.read64(Reg.RTADDR)).isZero();
        assertThat(registers.read(Reg.CAP + 4, 8)).isZero();
        assertThat(registers.read(Reg.CAP, 1)).isZero();
        assertThat(registers.read(0x1000, 4)).isZero();
        assertThat(registers.read(-4, 4)).isZero();
    }

    @Test
    @Rule("VTD-REG-13")
    void shouldTakeHalvesOf64BitRegisters() {
        bed.write(Reg.RTADDR, 0x7000);
        bed.write(Reg.RTADDR + 4, 0x12);
        assertThat(bed.read64(Reg.RTADDR)).isEqualTo(0x12_0000_7000L);
        bed.write(Reg.CCMD, 0x1234);
        assertThat(bed.notes).isEmpty();
        bed.write(Reg.CCMD + 4, (int) (Reg.CCMD_ICC >>> 32) | 2 << Reg.CCMD_CIRG_SHIFT - 32);
        bed.run();
        assertThat(bed.notes).containsExactly("CONTEXT_DOMAIN");
        assertThat(bed.read64(Reg.CCMD)).isEqualTo(2L << Reg.CCMD_CIRG_SHIFT | 2L << Reg.CCMD_CAIG_SHIFT | 0x1234);
    }

    @Test
    @Rule("VTD-REG-14")
    void shouldInvalidateContextsByRegister() {
        bed.write64(Reg.CCMD, Reg.CCMD_ICC | 3L << Reg.CCMD_CIRG_SHIFT);
        assertThat(bed.read64(Reg.CCMD)).isNegative();
        // Too early for another one.
        bed.write64(Reg.CCMD, Reg.CCMD_ICC | 1L << Reg.CCMD_CIRG_SHIFT);
        bed.write(Reg.CCMD, 0x77);
        bed.run();
        assertThat(bed.read64(Reg.CCMD)).isEqualTo(3L << Reg.CCMD_CIRG_SHIFT | 3L << Reg.CCMD_CAIG_SHIFT);
        bed.write64(Reg.CCMD, Reg.CCMD_ICC);
        bed.run();
        assertThat(bed.read64(Reg.CCMD)).isZero();
        assertThat(bed.notes).containsExactly("CONTEXT_DEVICE");
    }

    @Test
    @Rule("VTD-REG-15")
    void shouldInvalidateTablesByRegister() {
        for (int granularity = 1; granularity <= 3; granularity++) {
            bed.write64(iva, 0x1000);
            bed.write64(iotlb, Reg.IOTLB_IVT | (long) granularity << Reg.IOTLB_IIRG_SHIFT);
            bed.run();
            assertThat(bed.read64(iotlb))
                    .isEqualTo((long) granularity << Reg.IOTLB_IIRG_SHIFT | (long) granularity << Reg.IOTLB_IAIG_SHIFT);
        }
        // By page, but too many: nothing is done.
        bed.write64(iva, bed.cap.mamv() + 1);
        bed.write64(iotlb, Reg.IOTLB_IVT | 3L << Reg.IOTLB_IIRG_SHIFT);
        bed.run();
        assertThat(bed.read64(iotlb)).isEqualTo(3L << Reg.IOTLB_IIRG_SHIFT);
        bed.write64(iotlb, Reg.IOTLB_IVT);
        bed.run();
        assertThat(bed.read64(iotlb)).isZero();
        assertThat(bed.notes)
                .containsExactly(
                        "IOTLB_GLOBAL", "complete 1", "IOTLB_DOMAIN", "complete 1", "IOTLB_PAGE", "complete 1");
        assertThat(bed.read64(iva)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"legacy, 0x60, 0", "scalable, 0x10, 1"})
    @Rule("VTD-REG-17")
    void shouldDoNothingByRegisterInNewUnitsOrInScalableMode(String preset, String version, int mode) {
        VtdTestbed other = VtdTestbed.of(preset, Map.of("version", Long.decode(version)));
        other.root(mode);
        int at = other.device.cap().iotlbOffset() + Reg.IOTLB;
        other.write64(at, Reg.IOTLB_IVT | 1L << Reg.IOTLB_IIRG_SHIFT);
        other.write64(Reg.CCMD, Reg.CCMD_ICC | 1L << Reg.CCMD_CIRG_SHIFT);
        other.run();
        assertThat(other.read64(at)).isEqualTo(1L << Reg.IOTLB_IIRG_SHIFT);
        assertThat(other.read64(Reg.CCMD)).isEqualTo(1L << Reg.CCMD_CIRG_SHIFT);
    }

    @Test
    @Rule("VTD-REG-16")
    void shouldWaitForRequestsUnderWay() {
        bed.flights.add(0);
        bed.write64(iotlb, Reg.IOTLB_IVT | Reg.IOTLB_DR | Reg.IOTLB_DW | 1L << Reg.IOTLB_IIRG_SHIFT);
        bed.run();
        assertThat(bed.read64(iotlb)).isNegative();
        bed.landed(0);
        assertThat(bed.read64(iotlb)).isPositive();
    }

    @Test
    @Rule("VTD-REG-17")
    void shouldNotInvalidateByRegisterBesideTheQueue() {
        bed.enableQueue();
        bed.write64(Reg.CCMD, Reg.CCMD_ICC | 1L << Reg.CCMD_CIRG_SHIFT);
        bed.write64(iotlb, Reg.IOTLB_IVT | 1L << Reg.IOTLB_IIRG_SHIFT);
        bed.run();
        assertThat(bed.notes).isEmpty();
        assertThat(bed.read64(Reg.CCMD)).isEqualTo(1L << Reg.CCMD_CIRG_SHIFT);
        assertThat(bed.read64(iotlb)).isEqualTo(1L << Reg.IOTLB_IIRG_SHIFT);
    }

    @Test
    @Rule("VTD-REG-18")
    void shouldReserveWhatIsAbsent() {
        ControlBed without = new ControlBed(Map.of("dt", 0L, "prs", 0L, "smts", 0L, "eim", 0L, "plmr", 0L, "phmr", 0L));
        without.write64(Reg.PQA, 0x1000);
        without.write(Reg.PECTL, 0);
        without.write64(Reg.IQA, 0x1000 | Reg.IQA_DW);
        without.write(Reg.FECTL + Reg.EVENT_UADDR, 7);
        without.write(Reg.FECTL + Reg.EVENT_DATA, 9);
        without.write64(Reg.IRTA, Reg.IRTA_EIME);
        without.write(Reg.PMEN, Reg.PMEN_EPM);
        without.write(Reg.PLMLIMIT, -1);
        without.write64(Reg.PHMLIMIT, -1);
        without.run();
        assertThat(without.read64(Reg.PQA)).isZero();
        assertThat(without.read(Reg.PECTL)).isZero();
        assertThat(without.read64(Reg.IQA)).isEqualTo(0x1000);
        assertThat(without.read(Reg.FECTL + Reg.EVENT_UADDR)).isZero();
        assertThat(without.read(Reg.FECTL + Reg.EVENT_DATA)).isEqualTo(9);
        assertThat(without.read64(Reg.IRTA)).isZero();
        assertThat(without.read(Reg.PMEN)).isZero();
        assertThat(without.read(Reg.PLMLIMIT)).isZero();
        assertThat(without.read64(Reg.PHMLIMIT)).isZero();
    }

    @Test
    @Rule("VTD-REG-18")
    void shouldHaveEachProtectedRangeByItself() {
        for (boolean low : new boolean[] {false, true}) {
            ControlBed one = new ControlBed(Map.of("plmr", low ? 1L : 0L, "phmr", low ? 0L : 1L));
            one.write(Reg.PLMLIMIT, 0x10_0000);
            one.write64(Reg.PHMLIMIT, 0x1_0010_0000L);
            one.write(Reg.PMEN, Reg.PMEN_EPM);
            one.run();
            assertThat(one.read(Reg.PMEN)).isEqualTo(Reg.PMEN_EPM | Reg.PMEN_PRS);
            assertThat(one.read(Reg.PLMLIMIT)).isEqualTo(low ? 0x10_0000 : 0);
            assertThat(one.read64(Reg.PHMLIMIT)).isEqualTo(low ? 0 : 0x1_0010_0000L);
            ProtectedMemory memory = one.unit.registers().protectedMemory();
            assertThat(memory.blocks(0x1_0000_0000L, 1)).isEqualTo(!low);
            assertThat(memory.blocks(0x10_0000, 1)).isTrue();
        }
    }

    @Test
    @Rule("VTD-REG-12")
    void shouldBeAsLargeAsItsRegistersNeed() {
        ControlBed many = new ControlBed(Map.of("nfr", 128L));
        assertThat(many.unit.registers().bytes()).isEqualTo(0x1000);
        ControlBed most = new ControlBed(Map.of("nfr", 129L));
        assertThat(most.unit.registers().bytes()).isEqualTo(0x2000);
        int last = most.cap.faultRecordOffset() + 16 * 128;
        assertThat(most.unit.registers().read(last + 8, 8)).isZero();
    }

    @Test
    @Rule("VTD-REG-19")
    void shouldProtectMemoryWhenToldTo() {
        ProtectedMemory memory = bed.unit.registers().protectedMemory();
        bed.write(Reg.PLMBASE, 0x10_1234);
        bed.write(Reg.PLMLIMIT, 0x20_0000);
        bed.write64(Reg.PHMBASE, 0x2_0000_0000L);
        bed.write64(Reg.PHMLIMIT, 0x2_0010_0fffL);
        assertThat(bed.read(Reg.PLMBASE)).isEqualTo(0x10_0000);
        assertThat(memory.blocks(0x10_0000, 4)).isFalse();
        bed.write(Reg.PMEN, Reg.PMEN_EPM);
        assertThat(bed.read(Reg.PMEN)).isEqualTo(Reg.PMEN_EPM);
        bed.run();
        assertThat(bed.read(Reg.PMEN)).isEqualTo(Reg.PMEN_EPM | Reg.PMEN_PRS);
        assertThat(memory.blocks(0xf_fffc, 4)).isFalse();
        assertThat(memory.blocks(0xf_fffc, 8)).isTrue();
        assertThat(memory.blocks(0x2f_ffff, 1)).isTrue();
        assertThat(memory.blocks(0x30_0000, 1)).isFalse();
        assertThat(memory.blocks(0x1_ffff_ffffL, 1)).isFalse();
        assertThat(memory.blocks(0x2_001f_ffffL, 1)).isTrue();
        assertThat(memory.blocks(0x2_0020_0000L, 1)).isFalse();
        // In use.
        bed.write(Reg.PLMBASE, 0);
        assertThat(bed.read(Reg.PLMBASE)).isEqualTo(0x10_0000);
        bed.write(Reg.PMEN, 0);
        bed.run();
        assertThat(bed.read(Reg.PMEN)).isZero();
        assertThat(memory.blocks(0x10_0000, 4)).isFalse();
    }
}
