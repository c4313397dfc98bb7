package org.iommusim.scenario.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommusim.scenario.run.SyntheticRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    @TempDir
    private Path temporary;

    @Test
    void shouldReferToNothingOutsideOfItself() {
        String page = HtmlReport.of(SummaryJson.of(SyntheticRun.failing()));
        assertThat(page).doesNotContainPattern("(src|href)\\s*=").doesNotContain("@import", "url(");
        assertThat(page).doesNotContain("/*SUMMARY*/", "/*SCRIPT*/", "/*UPLOT");
        assertThat(page).contains("The MIT License");
    }

    @Test
    void shouldKeepTextOfTheScenarioOutOfTheMarkup() {
        String page = HtmlReport.of(SummaryJson.of(SyntheticRun.failing()));
        assertThat(page).doesNotContain("<b>no</b>").contains("\\u003c/script>.");
    }

    @Test
    @Timeout(120)
    void shouldDrawWithoutErrorsInABrowser() throws Exception {
        String dom = open(HtmlReport.of(SummaryJson.of(SyntheticRun.failing())));
        assertThat(attribute(dom, "ready")).isEqualTo("true");
        assertThat(attribute(dom, "errors")).isEqualTo("0");
        assertThat(attribute(dom, "lanes"))
                .as("vmm, guest, smmu0, two traffics")
                .isEqualTo("5");
        assertThat(attribute(dom, "bars")).as("stations of two traffics").isEqualTo("10");
        assertThat(dom).contains("<canvas").contains("class=\"step unexpected\"");
    }

    @Test
    @Timeout(120)
    void shouldSurviveItsButtonsAndTheMouse() throws Exception {
        // What a reader does: other theme, other scale, a look at the first bar, a zoom, and back.
        String reader = """
                <script>
                const press = (id) => document.getElementById(id).click();
                const mouse = (target, type, x, y) =>
                  target.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: x, clientY: y }));
                press("theme");
                press("scale-time");
                press("scale-gaps");
                mouse(document.querySelector("#timeline .step"), "mousemove", 200, 400);
                document.body.dataset.tip = document.getElementById("tip").textContent;
                const drawn = () => document.querySelectorAll("#timeline .step").length;
                const all = drawn();
                const timeline = () => document.querySelector("#timeline svg");
                mouse(timeline(), "mousedown", 150, 400);
                mouse(timeline(), "mousemove", 250, 400);
                mouse(timeline(), "mouseup", 300, 400);
                document.body.dataset.zoomed = String(drawn() < all);
                mouse(timeline(), "dblclick", 300, 400);
                document.body.dataset.fitted = String(drawn() === all);
                </script>
                </body>""";
        String dom = open(HtmlReport.of(SummaryJson.of(SyntheticRun.failing())).replace("</body>", reader));
        assertThat(attribute(dom, "errors")).isEqualTo("0");
        assertThat(attribute(dom, "tip")).startsWith("vmm: IOMMU_IOAS_ALLOC");
        assertThat(attribute(dom, "zoomed")).isEqualTo("true");
        assertThat(attribute(dom, "fitted")).isEqualTo("true");
        assertThat(dom).contains("<html lang=\"en\" data-theme=\"dark\"");
    }

    /** The page's document after its scripts ran. */
    private String open(String html) throws Exception {
        Optional<Chromium> browser = Chromium.find();
        if (browser.isEmpty()) {
            System.out.println("HtmlReportTest: no Chromium on this machine, report.html is not opened");
        }
        assumeTrue(browser.isPresent(), "no Chromium on this machine");
        Path page = temporary.resolve("report.html");
        Files.writeString(page, html);
        return browser.orElseThrow().dumpDom(page, temporary.resolve("profile"));
    }

    private static String attribute(String dom, String name) {
        Matcher matcher =
                Pattern.compile("<body[^>]* data-" + name + "=\"([^\"]*)\"").matcher(dom);
        return matcher.find() ? matcher.group(1) : "absent";
    }
}
