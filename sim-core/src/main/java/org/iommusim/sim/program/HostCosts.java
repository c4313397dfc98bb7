package org.iommusim.sim.program;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * A price list for software: how many picoseconds each {@link HostCost} takes. Immutable.
 *
 * <p>The default list is an order of magnitude, not a measurement: every entry is {@code uncalibrated} and reports say
 * so. Absolute software times mean nothing until a machine was measured; their order on the timeline does.
 */
public final class HostCosts {
    /** The preset {@code host-costs}: uncalibrated round numbers for a 3 GHz server. */
    public static final HostCosts DEFAULT = new HostCosts(Map.ofEntries(
            Map.entry(HostCost.LOCAL, 2_000L),
            Map.entry(HostCost.ATOMIC, 10_000L),
            Map.entry(HostCost.LOCK, 20_000L),
            Map.entry(HostCost.LOCK_HANDOVER, 2_000_000L),
            Map.entry(HostCost.WAKE_UP, 2_000_000L),
            Map.entry(HostCost.IOCTL_ENTRY, 200_000L),
            Map.entry(HostCost.USER_COPY, 30_000L),
            Map.entry(HostCost.ALLOCATE, 100_000L),
            Map.entry(HostCost.TABLE_STORE, 5_000L),
            Map.entry(HostCost.BARRIER, 20_000L),
            Map.entry(HostCost.MMIO_WRITE, 100_000L),
            Map.entry(HostCost.MMIO_READ, 800_000L),
            Map.entry(HostCost.INTERRUPT_ENTRY, 1_000_000L),
            Map.entry(HostCost.PIN_PAGE, 50_000L),
            Map.entry(HostCost.FREE, 0L)));

    private final long[] ps = new long[HostCost.values().length];

    private HostCosts(Map<HostCost, Long> prices) {
        Arrays.fill(ps, -1);
        new EnumMap<>(prices).forEach((cost, price) -> ps[cost.ordinal()] = price);
        for (HostCost cost : HostCost.values()) {
            if (ps[cost.ordinal()] < 0) {
                throw new IllegalArgumentException("no price for " + cost);
            }
        }
    }

    /** A list that differs from this one in some prices (ps, not negative). */
    public HostCosts with(Map<HostCost, Long> changed) {
        Map<HostCost, Long> prices = new EnumMap<>(HostCost.class);
        for (HostCost cost : HostCost.values()) {
            prices.put(cost, ps[cost.ordinal()]);
        }
        prices.putAll(changed);
        return new HostCosts(prices);
    }

    /** Price of one step, ps. */
    public long ps(HostCost cost) {
        return ps[cost.ordinal()];
    }
}
