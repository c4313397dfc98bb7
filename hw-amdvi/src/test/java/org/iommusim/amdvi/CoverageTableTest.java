package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.sim.testkit.CoverageTable;
import org.junit.jupiter.api.Test;

/** The tests that docs/amdvi.md names exist, and its tables of commands and events leave nothing out. */
class CoverageTableTest extends CoverageTable {
    private static final List<String> PAGE = page();

    CoverageTableTest() {
        super("amdvi.md", 110);
    }

    private static List<String> page() {
        try {
            return Files.readAllLines(Path.of("..", "docs", "amdvi.md"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String row(int code, String name) {
        String begin = "| 0x" + Integer.toHexString(code) + " | " + name;
        return PAGE.stream().filter(line -> line.startsWith(begin)).findFirst().orElse("");
    }

    @Test
    void shouldSayOfEveryEventWhichTestShowsItOrThatItNeverHappens() {
        int events = 0;
        for (int code = 0; code < 16; code++) {
            String name = Event.name(code);
            if (!name.startsWith("event ")) {
                events++;
                String row = row(code, name);
                assertThat(row.contains("Test") || row.contains(": never"))
                        .as(name)
                        .isTrue();
            }
        }
        assertThat(events).isEqualTo(11);
    }

    @Test
    void shouldNameEveryCommand() {
        for (int opcode = 0; opcode < 16; opcode++) {
            String name = CmdText.name(opcode);
            boolean known = !name.startsWith("opcode ");
            assertThat(row(opcode, name).contains("Test")).as(name).isEqualTo(known);
        }
    }
}
