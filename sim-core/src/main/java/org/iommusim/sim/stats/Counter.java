package org.iommusim.sim.stats;

/** A number that only grows, until it is reset. Not thread-safe. */
public final class Counter implements Statistic {

    private final String name;
    private final String unit;
    private final String description;
    private long value;

    /**
     * Makes a counter at 0; one that reports shall show comes from {@link Statistics#counter}.
     *
     * @param name its path
     * @param unit what it counts
     * @param description one line for people
     */
    public Counter(String name, String unit, String description) {
        this.name = name;
        this.unit = unit;
        this.description = description;
    }

    /** Counts one. */
    public void increment() {
        value++;
    }

    /**
     * Counts several.
     *
     * @param amount how many; at least 0
     * @throws IllegalArgumentException if the amount is negative
     */
    public void add(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException(name + " cannot count " + amount);
        }
        value += amount;
    }

    /**
     * What was counted since the start or the last reset.
     *
     * @return the count
     */
    public long value() {
        return value;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String unit() {
        return unit;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public void reset() {
        value = 0;
    }

    @Override
    public String toString() {
        return name + " = " + value + " " + unit;
    }
}
