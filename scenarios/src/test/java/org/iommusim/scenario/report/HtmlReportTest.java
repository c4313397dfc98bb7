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
        Optional<Chromium> browser = Chromium.find();
        if (browser.isEmpty()) {
            System.out.println("HtmlReportTest: no Chromium on this machine, report.html is not opened");
        }
        assumeTrue(browser.isPresent(), "no Chromium on this machine");
        Path page = temporary.resolve("report.html");
        Files.writeString(page, HtmlReport.of(SummaryJson.of(SyntheticRun.failing())));
        String dom = browser.orElseThrow().dumpDom(page, temporary.resolve("profile"));
        assertThat(attribute(dom, "ready")).isEqualTo("true");
        assertThat(attribute(dom, "errors")).isEqualTo("0");
        assertThat(attribute(dom, "lanes"))
                .as("vmm, guest, smmu0, two traffics")
                .isEqualTo("5");
        assertThat(attribute(dom, "bars")).as("stations of two traffics").isEqualTo("10");
        assertThat(dom).contains("<canvas").contains("class=\"step unexpected\"");
    }

    private static String attribute(String dom, String name) {
        Matcher matcher =
                Pattern.compile("<body[^>]* data-" + name + "=\"([^\"]*)\"").matcher(dom);
        return matcher.find() ? matcher.group(1) : "absent";
    }
}
