package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.iommusim.sim.testkit.CoverageTable;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.InvText;
import org.junit.jupiter.api.Test;

/** The tests that docs/vtd.md names exist, and its tables of fault reasons and descriptors leave nothing out. */
class CoverageTableTest extends CoverageTable {
    private static final List<String> PAGE = page();

    CoverageTableTest() {
        super("vtd.md", 150);
    }

    private static List<String> page() {
        try {
            return Files.readAllLines(Path.of("..", "docs", "vtd.md"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String row(String begin) {
        return PAGE.stream()
                .filter(line -> line.startsWith("| " + begin + " |"))
                .findFirst()
                .orElse("");
    }

    @Test
    void shouldSayOfEveryFaultReasonWhichTestShowsItOrThatItNeverHappens() throws IllegalAccessException {
        int reasons = 0;
        for (Field field : FaultReason.class.getFields()) {
            int code = Modifier.isStatic(field.getModifiers()) ? field.getInt(null) : FaultReason.NONE;
            if (code != FaultReason.NONE) {
                reasons++;
                String row = row(String.format(Locale.ROOT, "0x%02x", code));
                assertThat(row.contains("Test.") || row.contains(": never"))
                        .as(field.getName())
                        .isTrue();
            }
        }
        assertThat(reasons).isGreaterThan(60);
    }

    @Test
    void shouldNameEveryDescriptor() {
        for (int type = 1; type < 0x10; type++) {
            boolean known = !InvText.name(type).startsWith("type");
            assertThat(row("0x" + Integer.toHexString(type)).isEmpty())
                    .as("type %d", type)
                    .isNotEqualTo(known);
        }
    }
}
