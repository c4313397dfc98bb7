package org.iommusim.sim.variant;

import java.util.Collections;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;

/** The knobs of one simulation that are not at their original value. Immutable. */
public final class Knobs {
    /** All knobs are as the real software has them. */
    public static final Knobs ORIGINAL = new Knobs(new TreeMap<>(Comparator.comparing(Knob::name)));

    private final SortedMap<Knob, Long> values;

    private Knobs(SortedMap<Knob, Long> values) {
        this.values = Collections.unmodifiableSortedMap(values);
    }

    /** These knobs and one more. */
    public Knobs with(Knob knob, long value) {
        SortedMap<Knob, Long> more = new TreeMap<>(values);
        more.put(knob, value);
        return new Knobs(more);
    }

    /** These knobs and others, which win. */
    public Knobs with(Knobs others) {
        SortedMap<Knob, Long> more = new TreeMap<>(values);
        more.putAll(others.values);
        return new Knobs(more);
    }

    /** A knob's value. */
    public long value(Knob knob) {
        return values.getOrDefault(knob, knob.original());
    }

    /** True if a knob is not 0. */
    public boolean on(Knob knob) {
        return value(knob) != 0;
    }

    /** The knobs that were changed, by name. */
    public SortedMap<Knob, Long> changed() {
        return values;
    }
}
