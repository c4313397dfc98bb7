package org.iommusim.scenario.sweep;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.iommusim.scenario.jobs.Jobs;
import org.iommusim.scenario.json.JsonEdit;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.library.ScenarioSource;
import org.iommusim.scenario.run.RunOptions;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.Runner;

/** The runs of a grid. */
public final class Sweep {
    /** Most points of a grid: each is loaded before the first one runs. */
    public static final int POINTS_MAX = 10_000;

    private final List<SweepPoint> points;

    private Sweep(List<SweepPoint> points) {
        this.points = points;
    }

    /**
     * Loads every point.
     *
     * @throws ScenarioException if there is no such place, if a value is wrong there, or if there are too many points
     */
    public static Sweep of(ScenarioSource source, List<Axis> axes, ScenarioLoader loader) {
        long size = 1;
        for (Axis axis : axes) {
            size *= axis.values().size();
            if (size > POINTS_MAX) {
                throw new ScenarioException(
                        source.name(),
                        axis.pointer(),
                        "found a grid of more than " + POINTS_MAX + " points",
                        "expected fewer");
            }
        }
        List<SweepPoint> points = new ArrayList<>();
        try {
            for (int i = 0; i < size; i++) {
                points.add(point(source, axes, i, loader));
            }
        } catch (JsonSyntaxException e) {
            throw new ScenarioException(source.name(), e.place(), String.valueOf(e.getMessage()), e.expected());
        }
        return new Sweep(points);
    }

    private static SweepPoint point(ScenarioSource source, List<Axis> axes, int number, ScenarioLoader loader)
            throws JsonSyntaxException {
        JsonValue tree = JsonReader.read(source.utf8());
        List<String> values = new ArrayList<>();
        int rest = number;
        for (int i = axes.size() - 1; i >= 0; i--) {
            Axis axis = axes.get(i);
            String value = axis.values().get(rest % axis.values().size());
            rest /= axis.values().size();
            values.add(0, value);
            tree = JsonEdit.put(tree, axis.pointer(), Axis.json(value));
        }
        byte[] utf8 = new JsonOutput().add(tree).text().getBytes(StandardCharsets.UTF_8);
        return new SweepPoint(values, loader.load(source.name(), utf8, source.attachments()));
    }

    /** How many points there are. */
    public int size() {
        return points.size();
    }

    /**
     * Runs every point once.
     *
     * @param threads how many run at a time; no result depends on it
     * @param options how to run them
     * @param results told of every point and its result, in the order of the grid
     */
    public void run(int threads, RunOptions options, BiConsumer<SweepPoint, RunResult> results) {
        List<SweepPoint> waiting = new ArrayList<>(points);
        Jobs.inOrder(
                threads,
                points,
                point -> Runner.run(point.scenario(), options),
                result -> results.accept(waiting.remove(0), result));
    }
}
