package org.iommusim.scenario.language;

import java.util.List;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.scenario.json.JsonValue;

/**
 * A schedule that violates something, as a file keeps it: all that is needed to run it again.
 *
 * @param scenario what was explored, under its kernel and within its settings
 * @param text the scenario as it is written
 * @param patches known bugs that its software has
 * @param strict true if accepted deviations count as violations
 * @param choices the name of the lane of each transition
 * @param checker the check that objects
 * @param message what it said
 * @param digest SHA-256 of what the schedule showed when it was found
 */
public record CounterexampleFile(
        Scenario scenario,
        JsonValue text,
        List<String> patches,
        boolean strict,
        List<String> choices,
        String checker,
        String message,
        String digest) {
    /** The version of the file's form. */
    public static final int FORMAT = 1;

    /** Copies the lists. */
    public CounterexampleFile {
        patches = List.copyOf(patches);
        choices = List.copyOf(choices);
    }

    /** The file. */
    public String json() {
        JsonOutput json = new JsonOutput();
        json.object(() -> {
            json.put("format", FORMAT);
            json.put("kernel", scenario.kernel());
            json.array("patches", () -> patches.forEach(json::add));
            json.object("bounds", () -> bounds(json));
            json.object("violation", () -> json.put("checker", checker).put("message", message));
            json.put("digest", digest);
            json.array("choices", () -> choices.forEach(json::add));
            json.put("scenario", text);
        });
        return json.text();
    }

    private void bounds(JsonOutput json) {
        ExploreSettings settings = scenario.exploreOrUnsaid();
        json.put("from", settings.from().isEmpty() ? null : settings.from());
        json.put("timeouts", settings.timeouts());
        json.put("user_copies", settings.userCopies().word());
        json.put("strict", strict);
    }

    /** The kernel and its patches, e.g. {@code linux-7.3 + unlock-late}. */
    public String title() {
        return new ExploreSettings.Outcome("", scenario.kernel(), patches, List.of(), List.of()).title();
    }
}
