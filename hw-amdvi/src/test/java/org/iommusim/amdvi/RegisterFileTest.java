package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registers: what can be written when, and what is read back. */
class RegisterFileTest {
    private final ControlBed bed = ControlBed.plain();
    private final ControlBed none = new ControlBed(Map.of(), new Efr(0, 0));

    private static long read4(ControlBed bed, int offset) {
        return bed.unit.registers().read(offset, 4);
    }

    private static void write4(ControlBed bed, int offset, long value) {
        bed.unit.registers().write(offset, 4, value);
    }

    @Test
    @Rule("AMDVI-REG-01")
    void shouldSayWhatItOffersAndNotBeTalkedOutOfIt() {
        bed.write(Reg.EFR, 0);
        bed.write(Reg.EFR2, 0);
        assertThat(bed.read(Reg.EFR)).isEqualTo(ControlBed.ALL.efr());
        assertThat(bed.read(Reg.EFR2)).isEqualTo(ControlBed.ALL.efr2());
        assertThat(none.read(Reg.EFR)).isZero();
    }

    @ParameterizedTest
    @Rule("AMDVI-REG-02")
    @CsvSource({
        "0x0, 000ffffffffff1ff",
        "0x8, 0f0ffffffffff000",
        "0x10, 0f0ffffffffff000",
        "0x20, 000ffffffffff003",
        "0x28, 000ffffffffff000",
        "0x38, 0f0ffffffffff000",
        "0xe0, 0f0ffffffffff000",
        "0xe8, 000ffffffffffff8",
        "0x100, 000ffffffffff0ff",
        "0x108, 0",
        "0x158, fffffffc00000000",
        "0x160, ffffffffffffffff",
        "0x170, ff0001ffffffff04",
        "0x178, ff0001ffffffff04",
        "0x180, ff0001ffffffff04",
        "0x2050, 0",
        "0x2058, 0",
        "0x2080, 1f",
        "0x2088, 0",
        "0x3ff8, 0"
    })
    void shouldTakeWhatIsNotReserved(int register, String mask) {
        bed.write(register, -1L);
        assertThat(bed.read(register)).isEqualTo(Long.parseUnsignedLong(mask, 16));
        bed.write(register, 0);
        assertThat(bed.read(register)).isZero();
    }

    @ParameterizedTest
    @Rule("AMDVI-REG-03")
    @ValueSource(ints = {0x38, 0xe0, 0xe8, 0x100, 0x158, 0x160, 0x170, 0x178, 0x180, 0x2030, 0x2038, 0x2080})
    void shouldReserveRegistersOfAbsentFeatures(int register) {
        none.write(register, -1L);
        assertThat(none.read(register)).isZero();
    }

    @Test
    @Rule("AMDVI-REG-03")
    void shouldHaveTheX2apicRegisterOfTheGuestLogOnlyWithBothFeatures() {
        for (BitField feature : new BitField[] {Efr.XT_SUP, Efr.GAM_SUP}) {
            ControlBed one = new ControlBed(Map.of(), ControlBed.efr(feature));
            one.write(Reg.XT_GA_INT, -1L);
            assertThat(one.read(Reg.XT_GA_INT)).as(feature.name()).isZero();
        }
    }

    @Test
    @Rule("AMDVI-REG-03")
    void shouldReserveControlsOfAbsentFeatures() {
        long always = 0x0800_0000_0000_1f1fL;
        none.write(Reg.CONTROL, -1L);
        assertThat(none.read(Reg.CONTROL)).isEqualTo(always);
        none.write(Reg.CONTROL, Control.NUM_INT_REMAP_MODE.with(always, Control.INTERRUPTS_2K));
        assertThat(none.read(Reg.CONTROL)).isEqualTo(always);
        long most = Control.NUM_INT_REMAP_MODE.with(Control.INV_TIMEOUT.with(-1L, 6), Control.INTERRUPTS_2K);
        most = Control.GAM_EN.with(most, Control.GAM_VAPIC);
        bed.write(Reg.CONTROL, most & ~Control.DEV_TBL_SEG_EN.mask());
        assertThat(bed.read(Reg.CONTROL)).isEqualTo(always | 0x044d_2e80_3203_e0c0L);
    }

    @ParameterizedTest
    @Rule("AMDVI-REG-03")
    @CsvSource({
        "PPR_SUP, 0xe000",
        "GT_SUP, 0x10000",
        "V2_HD_DIS_SUP, 0",
        "GA_UPDATE_DIS_SUP, 0",
        "GA_SUP, 0x20000",
        "GAM_SUP, 0x32000000",
        "GAPPI_SUP, 0x80000000000000",
        "XT_SUP, 0xc000000000000",
        "EPH_SUP, 0",
        "HA_SUP, 0",
        "HD_SUP, 0",
        "PPR_AUTO_RSP_SUP, 0",
        "BLK_STOP_MRK_SUP, 0"
    })
    void shouldKnowTheControlsOfAFeature(String feature, long mask) throws ReflectiveOperationException {
        BitField field = (BitField) Efr.class.getField(feature).get(null);
        ControlBed one = new ControlBed(Map.of(), ControlBed.efr(field));
        long all = Control.GAM_EN.with(-1L, Control.GAM_VAPIC);
        one.write(Reg.CONTROL, all);
        none.write(Reg.CONTROL, all);
        assertThat(one.read(Reg.CONTROL) & ~none.read(Reg.CONTROL)).isEqualTo(mask);
    }

    @ParameterizedTest
    @Rule("AMDVI-REG-03")
    @CsvSource({
        "GT_SUP, V2_HD_DIS_SUP, 0x1000000000000",
        "GT_SUP, GA_UPDATE_DIS_SUP, 0x40000000000000",
        "PPR_SUP, EPH_SUP, 0x200000000000",
        "PPR_SUP, PPR_AUTO_RSP_SUP, 0x48000000000",
        "PPR_SUP, BLK_STOP_MRK_SUP, 0x20000000000"
    })
    void shouldKnowTheControlsOfAFeatureOfAFeature(String feature, String second, long mask)
            throws ReflectiveOperationException {
        BitField first = (BitField) Efr.class.getField(feature).get(null);
        ControlBed one = new ControlBed(Map.of(), ControlBed.efr(first));
        ControlBed both = new ControlBed(Map.of(), ControlBed.efr(first, (BitField)
                Efr.class.getField(second).get(null)));
        one.write(Reg.CONTROL, -1L);
        both.write(Reg.CONTROL, -1L);
        assertThat(both.read(Reg.CONTROL) & ~one.read(Reg.CONTROL)).isEqualTo(mask);
    }

    @Test
    @Rule("AMDVI-REG-04")
    void shouldBeReachedInHalves() {
        write4(bed, Reg.CMD_BUF_BASE, 0x1234_5000L);
        write4(bed, Reg.CMD_BUF_BASE + 4, 0x0800_0007L);
        assertThat(bed.read(Reg.CMD_BUF_BASE)).isEqualTo(0x0800_0007_1234_5000L);
        assertThat(read4(bed, Reg.CMD_BUF_BASE)).isEqualTo(0x1234_5000L);
        assertThat(read4(bed, Reg.CMD_BUF_BASE + 4)).isEqualTo(0x0800_0007L);
        write4(bed, Reg.MSI_ADDR_LO, 0xfee0_1003L);
        write4(bed, Reg.MSI_ADDR_HI, 5);
        write4(bed, Reg.MSI_DATA, 0x41);
        assertThat(read4(bed, Reg.MSI_ADDR_LO)).isEqualTo(0xfee0_1000L);
        assertThat(read4(bed, Reg.MSI_ADDR_HI)).isEqualTo(5);
        assertThat(read4(bed, Reg.MSI_DATA)).isEqualTo(0x41);
    }

    @Test
    @Rule("AMDVI-REG-04")
    void shouldIgnoreAccessesThatAreNotAligned() {
        bed.unit.registers().write(4, 8, -1L);
        bed.unit.registers().write(2, 4, -1L);
        bed.unit.registers().write(0, 2, -1L);
        bed.unit.registers().write(Reg.BYTES, 8, -1L);
        bed.unit.registers().write(-8, 8, -1L);
        assertThat(bed.read(0)).isZero();
        bed.write(0, 0x5000);
        assertThat(bed.unit.registers().read(0, 2)).isZero();
        assertThat(bed.unit.registers().read(4, 8)).isZero();
        assertThat(bed.unit.registers().read(Reg.BYTES, 8)).isZero();
        assertThat(bed.unit.registers().read(-8, 8)).isZero();
    }

    @Test
    @Rule("AMDVI-REG-05")
    void shouldLockTheBaseOfWhatIsInUse() {
        int[] bases = {
            Reg.DEV_TAB_BASE,
            Reg.DEV_TAB_SEG1_BASE,
            Reg.CMD_BUF_BASE,
            Reg.EVT_LOG_BASE,
            Reg.PPR_LOG_BASE,
            Reg.GA_LOG_BASE,
            Reg.GA_LOG_TAIL_ADDRESS
        };
        for (int base : bases) {
            bed.write(base, 0x5000);
        }
        bed.write(Reg.CONTROL, 1);
        for (int base : bases) {
            bed.write(base, 0x6000);
        }
        assertThat(bed.read(Reg.DEV_TAB_BASE)).isEqualTo(0x5000);
        assertThat(bed.read(Reg.DEV_TAB_SEG1_BASE)).isEqualTo(0x5000);
        assertThat(bed.read(Reg.CMD_BUF_BASE)).isEqualTo(0x6000);
        bed.write(Reg.CONTROL, 0);
        bed.enable(Control.CMD_BUF_EN, Control.EVENT_LOG_EN, Control.PPR_LOG_EN, Control.GA_LOG_EN);
        for (int base : bases) {
            bed.write(base, 0x7000);
        }
        assertThat(bed.read(Reg.DEV_TAB_BASE)).isEqualTo(0x7000);
        assertThat(bed.read(Reg.CMD_BUF_BASE)).isEqualTo(0x6000);
        assertThat(bed.read(Reg.EVT_LOG_BASE)).isEqualTo(0x6000);
        assertThat(bed.read(Reg.PPR_LOG_BASE)).isEqualTo(0x6000);
        assertThat(bed.read(Reg.GA_LOG_BASE)).isEqualTo(0x6000);
        assertThat(bed.read(Reg.GA_LOG_TAIL_ADDRESS)).isEqualTo(0x6000);
    }

    @Test
    @Rule("AMDVI-REG-05")
    void shouldLockTheTablesOfAllSegmentsAndNothingElse() {
        long[] eight = {ControlBed.ALL.efr(), ControlBed.ALL.efr2()};
        Efr.DEV_TBL_SEG_SUP.put(eight, 3);
        ControlBed large = new ControlBed(Map.of(), new Efr(eight[0], eight[1]));
        large.write(Reg.CONTROL, 1);
        for (int segment = 0; segment < 8; segment++) {
            large.write(Reg.deviceTableBase(segment), 0x5000);
            assertThat(large.read(Reg.deviceTableBase(segment))).isZero();
        }
        large.write(Reg.XT_GEN_INT, 4);
        large.write(Reg.MSI_ADDR_HI, 5);
        assertThat(large.read(Reg.XT_GEN_INT)).isEqualTo(4);
        assertThat(large.read(Reg.MSI_ADDR_HI)).isEqualTo(5);
    }

    @Test
    @Rule("AMDVI-REG-05")
    void shouldLetTheExclusionRangeChangeAtAnyTime() {
        bed.write(Reg.CONTROL, 1);
        bed.write(Reg.EXCL_BASE, 0x5001);
        bed.write(Reg.EXCL_LIMIT, 0x6000);
        assertThat(bed.unit.registers().exclusionBase()).isEqualTo(0x5001);
        assertThat(bed.unit.registers().exclusionLimit()).isEqualTo(0x6000);
    }

    @ParameterizedTest
    @Rule("AMDVI-REG-06")
    @CsvSource({"0x8, 0x2000", "0x8, 0x2008", "0x10, 0x2010", "0x10, 0x2018", "0x38, 0x2030", "0x38, 0x2038"})
    void shouldCutPointersToTheirRing(int base, int pointer) {
        bed.write(base, Reg.ringBase(0x5000, 8));
        bed.write(pointer, 0x1_2345);
        assertThat(bed.read(pointer)).isEqualTo(0x340);
        bed.write(base, Reg.ringBase(0x5000, 15));
        bed.write(pointer, -1L);
        assertThat(bed.read(pointer)).isEqualTo(0x7_fff0);
        bed.write(base, Reg.ringBase(0x5000, 3));
        bed.write(pointer, -1L);
        assertThat(bed.read(pointer)).isEqualTo(0x70);
    }

    @ParameterizedTest
    @Rule("AMDVI-REG-06")
    @ValueSource(ints = {0x2040, 0x2048})
    void shouldCutPointersOfTheGuestLogToEntriesOf8Bytes(int pointer) {
        bed.write(0xe0, Reg.ringBase(0x5000, 9));
        bed.write(pointer, 0x1_2345);
        assertThat(bed.read(pointer)).isEqualTo(0x340);
        bed.write(0xe0, Reg.ringBase(0x5000, 15));
        bed.write(pointer, -1L);
        assertThat(bed.read(pointer)).isEqualTo(0x3_fff8);
    }

    @Test
    @Rule("AMDVI-REG-07")
    void shouldKeepReservedCodesOut() {
        bed.write(Reg.CONTROL, Control.INV_TIMEOUT.with(0, 4));
        bed.write(Reg.CONTROL, Control.INV_TIMEOUT.with(1, 7));
        assertThat(bed.read(Reg.CONTROL)).isEqualTo(Control.INV_TIMEOUT.with(1, 4));
        bed.write(Reg.CONTROL, Control.DEV_TBL_SEG_EN.with(1, 1));
        bed.write(Reg.CONTROL, Control.DEV_TBL_SEG_EN.with(1, 2));
        assertThat(bed.read(Reg.CONTROL)).isEqualTo(Control.DEV_TBL_SEG_EN.with(1, 1));
        bed.write(Reg.CONTROL, Control.GAM_EN.with(1, 1));
        for (int reserved = 2; reserved < 8; reserved++) {
            bed.write(Reg.CONTROL, Control.GAM_EN.with(1, reserved));
            assertThat(bed.read(Reg.CONTROL)).isEqualTo(Control.GAM_EN.with(1, 1));
        }
        bed.write(Reg.CONTROL, Control.NUM_INT_REMAP_MODE.with(1, Control.INTERRUPTS_2K));
        bed.write(Reg.CONTROL, Control.NUM_INT_REMAP_MODE.with(1, 2));
        bed.write(Reg.CONTROL, Control.NUM_INT_REMAP_MODE.with(1, 3));
        assertThat(bed.read(Reg.CONTROL)).isEqualTo(Control.NUM_INT_REMAP_MODE.with(1, Control.INTERRUPTS_2K));
    }

    @Test
    @Rule("AMDVI-REG-08")
    void shouldSayWhatTranslationAsksFor() {
        bed.write(Reg.DEV_TAB_BASE, 0x5001);
        bed.write(Reg.DEV_TAB_SEG1_BASE, 0x6002);
        bed.write(Reg.CONTROL, 1);
        UnitState state = bed.unit.registers();
        assertThat(state.deviceTable(0)).isEqualTo(0x5001);
        assertThat(state.deviceTable(1)).isEqualTo(0x6002);
        assertThat(state.control()).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-STS-01")
    void shouldClearByWritingOne() {
        UnitStatus status = bed.unit.status();
        status.raise(Status.EVT_LOG_INT);
        status.raise(Status.PPR_OVERFLOW);
        status.run(Status.GA_LOG_RUN, true);
        bed.write(Reg.STATUS, Status.EVT_LOG_INT | Status.GA_LOG_RUN);
        assertThat(bed.read(Reg.STATUS)).isEqualTo(Status.PPR_OVERFLOW | Status.GA_LOG_RUN);
        write4(bed, Reg.STATUS + 4, -1L);
        assertThat(bed.read(Reg.STATUS)).isEqualTo(Status.PPR_OVERFLOW | Status.GA_LOG_RUN);
        write4(bed, Reg.STATUS, -1L);
        assertThat(bed.read(Reg.STATUS)).isEqualTo(Status.GA_LOG_RUN);
    }

    @Test
    @Rule("AMDVI-STS-02")
    void shouldRunWhatIsEnabled() {
        bed.enable(Control.CMD_BUF_EN, Control.EVENT_LOG_EN, Control.PPR_LOG_EN, Control.GA_LOG_EN);
        assertThat(bed.read(Reg.STATUS)).isZero();
        bed.enable(Control.IOMMU_EN);
        long others = Status.CMD_BUF_RUN | Status.PPR_LOG_RUN | Status.GA_LOG_RUN;
        assertThat(bed.read(Reg.STATUS)).isEqualTo(others | Status.EVT_LOG_RUN);
        bed.disable(Control.EVENT_LOG_EN);
        assertThat(bed.read(Reg.STATUS)).isEqualTo(others);
        bed.disable(Control.IOMMU_EN);
        assertThat(bed.read(Reg.STATUS)).isZero();
    }
}
