package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.iommu.NotingEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** What a whole unit answers to page requests by itself, as the function's device table entry has it. */
class PprAnswersTest {
    private static final int ID = 0x128;

    private final AmdViTestbed bed =
            AmdViTestbed.of("guest-tables", Map.of("ppr_auto_rsp", 1L)).enable();
    private final List<String> notes = new ArrayList<>();

    @Test
    @Rule("AMDVI-PPR-13")
    void shouldNameThePasidWhereTheEntryWantsIt() {
        bed.control(Control.PPR_AUTO_RSP_EN.mask() | Control.PPR_AUTO_RSP_AON.mask());
        ask(1, 0);
        ask(2, Dte.GPRP.mask());
        assertThat(notes).containsExactly("respond 1 SUCCESS", "respond 2 pasid 5 SUCCESS");
    }

    private void ask(int group, long flags) {
        long[] words = Dte.passThrough(7);
        words[0] |= Dte.PPR.mask() | flags;
        bed.entry(ID + group, words);
        bed.device.connect(new NotingEndpoint(ID + group, 32, notes));
        bed.device.pageRequested(new PageRequest(ID + group, 5, 0x5000, group, true, true, false, false, false));
        bed.run();
    }
}
