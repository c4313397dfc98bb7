package org.iommusim.sim.stats;

import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The registry of all statistics of one simulation, in the order of registration.
 *
 * <p>Names are paths of lower-case parts joined by dots, {@code smmu0.main_tlb.misses}. A component is handed a view
 * {@linkplain #under below its own name} and need not know where it stands. Not thread-safe.
 */
public final class Statistics implements Iterable<Statistic> {

    private static final Pattern PATH = Pattern.compile("[a-z0-9_]+(\\.[a-z0-9_]+)*");

    private final Map<String, Statistic> byName;
    private final String prefix;

    /** Makes an empty registry. */
    public Statistics() {
        this(new LinkedHashMap<>(), "");
    }

    private Statistics(Map<String, Statistic> byName, String prefix) {
        this.byName = byName;
        this.prefix = prefix;
    }

    /**
     * The same registry seen from a component: names given to the view are put below the component's.
     *
     * @param component a part of a path, {@code smmu0}, or several
     * @return a view that registers into, and shows, the whole registry
     * @throws IllegalArgumentException if that is not a path
     */
    public Statistics under(String component) {
        return new Statistics(byName, path(component) + ".");
    }

    /**
     * Registers a counter.
     *
     * @param name its path, relative to this view
     * @param unit what it counts: {@code requests}, {@code bytes}
     * @param description one line for people
     * @return the counter, at 0
     * @throws IllegalArgumentException if the name is not a path
     * @throws IllegalStateException if the name is taken
     */
    public Counter counter(String name, String unit, String description) {
        Counter counter = new Counter(path(name), unit, description);
        register(counter);
        return counter;
    }

    /**
     * Registers a histogram of latencies in ps.
     *
     * @param name its path, relative to this view
     * @param description one line for people
     * @return the histogram, empty
     * @throws IllegalArgumentException if the name is not a path
     * @throws IllegalStateException if the name is taken
     */
    public LatencyHistogram latency(String name, String description) {
        LatencyHistogram histogram = new LatencyHistogram(path(name), description);
        register(histogram);
        return histogram;
    }

    /**
     * Looks one up, for reports and expectations.
     *
     * @param name its path, relative to this view
     * @return the statistic, or empty if none has that name
     */
    public Optional<Statistic> find(String name) {
        return Optional.ofNullable(byName.get(prefix + name));
    }

    /** Resets all: ends a warm-up. */
    public void reset() {
        byName.values().forEach(Statistic::reset);
    }

    /**
     * All statistics of the whole registry, in the order of registration.
     *
     * @return an iterator that cannot remove
     */
    @Override
    public Iterator<Statistic> iterator() {
        return Collections.unmodifiableCollection(byName.values()).iterator();
    }

    private void register(Statistic statistic) {
        if (byName.putIfAbsent(statistic.name(), statistic) != null) {
            throw new IllegalStateException("there is already a statistic " + statistic.name());
        }
    }

    private String path(String name) {
        if (!PATH.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is not a path of lower-case names joined by dots, such as smmu0.tlb.misses");
        }
        return prefix + name;
    }
}
