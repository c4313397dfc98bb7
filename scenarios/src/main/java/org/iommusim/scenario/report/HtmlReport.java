package org.iommusim.scenario.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** {@code report.html}: one file without any reference outside of itself, made of a summary and a page. */
public final class HtmlReport {
    private static final String DIRECTORY = "/report/";
    private static final String UPLOT = "/third-party/uplot/";

    private HtmlReport() {}

    /**
     * The page.
     *
     * @param summary the text of {@code summary.json}
     */
    public static String of(String summary) {
        // Inside of <script>, "<" could end the element; JSON allows to write it as an escape.
        String data = summary.replace("<", "\\u003c");
        // The summary last: it may hold any text.
        return resource(DIRECTORY + "page.html")
                .replace("/*UPLOT_CSS*/", resource(UPLOT + "uPlot.min.css"))
                .replace("/*STYLE*/", resource(DIRECTORY + "style.css"))
                .replace("/*UPLOT_LICENSE*/", resource(UPLOT + "LICENSE").strip())
                .replace("/*UPLOT*/", resource(UPLOT + "uPlot.iife.min.js"))
                .replace("/*SCRIPT*/", scripts())
                .replace("/*SUMMARY*/", data);
    }

    /** One scope for all of them, so that no name gets out. */
    private static String scripts() {
        StringBuilder all = new StringBuilder("(() => {\n");
        for (String name : new String[] {"base.js", "timeline.js", "latency.js", "report.js"}) {
            all.append(resource(DIRECTORY + name));
        }
        return all.append("})();\n").toString();
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar has no " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
