package org.iommusim.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.spec.BitField;
import org.junit.jupiter.api.Test;

class EnableIommuTest {
    private static int firstWith(List<Long> controls, BitField bit) {
        for (int i = 0; i < controls.size(); i++) {
            if (bit.isSet(controls.get(i))) {
                return i;
            }
        }
        return Integer.MAX_VALUE;
    }

    @Test
    void shouldEnableCommandsBeforeTranslationAndLogsBehindIt() {
        DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
        List<Long> controls = bed.fake().controls;
        assertThat(List.of(Control.CMD_BUF_EN, Control.GT_EN, Control.IOMMU_EN, Control.EVENT_LOG_EN, Control.PPR_EN))
                .isSortedAccordingTo((a, b) -> Integer.compare(firstWith(controls, a), firstWith(controls, b)));
        long last = bed.fake().register64(Reg.CONTROL);
        assertThat(Control.GCR3_TRP_MODE.isSet(last)).isTrue();
        assertThat(Control.EPH_EN.isSet(last)).isTrue();
        assertThat(Control.invTimeoutMillis(last)).isEqualTo(1000);
        bed.assertClean();
    }

    @Test
    void shouldSwitchOffWhatSomebodyHasLeftOn() {
        DriverTestbed bed = DriverTestbed.leftOn();
        List<Long> controls = bed.fake().controls;
        long before = -1;
        List<Long> cleared = new ArrayList<>();
        for (long control : controls.subList(0, 9)) {
            cleared.add(before & ~control);
            before = control;
        }
        assertThat(cleared)
                .containsExactly(
                        Control.CMD_BUF_EN.mask(),
                        Control.EVENT_INT_EN.mask(),
                        Control.EVENT_LOG_EN.mask(),
                        Control.GA_LOG_EN.mask(),
                        Control.GA_INT_EN.mask(),
                        Control.PPR_LOG_EN.mask(),
                        Control.PPR_INT_EN.mask(),
                        Control.IOMMU_EN.mask(),
                        Control.IRT_CACHE_DIS.mask());
        bed.assertClean();
    }

    @Test
    void shouldLeaveOutWhatTheUnitDoesNotHave() {
        DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.HOST_ONLY);
        long last = bed.fake().register64(Reg.CONTROL);
        assertThat(List.of(Control.GT_EN, Control.GCR3_TRP_MODE, Control.PPR_EN, Control.PPR_LOG_EN, Control.EPH_EN))
                .noneMatch(bit -> bit.isSet(last));
        assertThat(Control.EVENT_INT_EN.isSet(last)).isTrue();
        bed.assertClean();
    }

    @Test
    void shouldBlockEveryDeviceFromTheBeginning() {
        DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
        assertThat(Reg.DEV_TAB_SIZE.get(bed.fake().register64(Reg.DEV_TAB_BASE)))
                .isEqualTo(511);
        for (int id : new int[] {0, 0x300, 0xffff}) {
            assertThat(bed.dte(id)).containsExactly(Dte.V.mask() | Dte.TV.mask(), 0, 0, 0);
        }
    }
}
