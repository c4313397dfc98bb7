package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The control register as a whole: what its fields do is tested where they do it. */
class ControlBitsTest {
    private static final int ID = 0x128;
    private static final long IOVA = 0x5000;

    /** When a write and a read through host tables are done, with some bits besides what is on. */
    private static List<Long> run(long more) {
        AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();
        bed.write64(Reg.CONTROL, bed.read64(Reg.CONTROL) & ~Control.COHERENT.mask() | more);
        assertThat(bed.read64(Reg.CONTROL) & more).isEqualTo(more);
        long root = bed.page();
        bed.mapHost(root, 3, IOVA, 0x2000_0000L);
        bed.entry(ID, Dte.host(root, 3, 7));
        List<Long> times = new ArrayList<>();
        for (boolean write : new boolean[] {true, false}) {
            DmaRequest request = bed.dma(bed.request(ID, DmaRequest.NO_PASID, IOVA, write));
            assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
            times.add(bed.sim.now());
        }
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        times.add(bed.sim.now());
        return times;
    }

    @ParameterizedTest
    @Rule("AMDVI-REG-09")
    @ValueSource(strings = {"HT_TUN_EN", "PASS_PW", "RES_PASS_PW", "COHERENT", "ISOC"})
    void shouldCarryWhatIsOfHyperTransportWithoutEffect(String name) throws ReflectiveOperationException {
        BitField bit = (BitField) Control.class.getField(name).get(null);
        assertThat(run(bit.mask())).isEqualTo(run(0));
    }

    /** Every field has its row in docs/amdvi.md, by its bits, and every row a test. */
    @Test
    void shouldSayOfEveryFieldWhatItDoes() throws ReflectiveOperationException, IOException {
        String page = Files.readString(Path.of("..", "docs", "amdvi.md"));
        String table = page.substring(page.indexOf("## Control register"), page.indexOf("## Commands"));
        List<String> rows =
                table.lines().filter(line -> line.matches("\\| [0-9].*")).toList();
        assertThat(rows).allMatch(row -> row.contains("Test"));
        List<String> said = rows.stream()
                .flatMap(row -> List.of(row.split("\\|")[1].trim().split(", ")).stream())
                .toList();
        List<String> fields = new ArrayList<>();
        for (Field field : Control.class.getFields()) {
            if (field.getType() == BitField.class) {
                fields.add(bits(((BitField) field.get(null)).mask()));
            }
        }
        assertThat(said).containsExactlyInAnyOrderElementsOf(fields);
    }

    private static String bits(long mask) {
        int low = Long.numberOfTrailingZeros(mask);
        int high = 63 - Long.numberOfLeadingZeros(mask);
        return low == high ? Integer.toString(low) : high + ":" + low;
    }
}
