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
    public static final HostCosts DEFAULT = new HostCosts(uncalibrated());

    private final long[] ps = new long[HostCost.values().length];

    private HostCosts(Map<HostCost, Long> prices) {
        Arrays.fill(ps, -1);
        prices.forEach((cost, price) -> ps[cost.ordinal()] = price);
        for (HostCost cost : HostCost.values()) {
            if (ps[cost.ordinal()] < 0) {
                throw new IllegalArgumentException("no price for " + cost);
            }
        }
    }

    private static Map<HostCost, Long> uncalibrated() {
        Map<HostCost, Long> prices = new EnumMap<>(HostCost.class);
        prices.put(HostCost.LOCAL, 2_000L);
        prices.put(HostCost.ATOMIC, 10_000L);
        prices.put(HostCost.LOCK, 20_000L);
        prices.put(HostCost.LOCK_HANDOVER, 2_000_000L);
        prices.put(HostCost.WAKE_UP, 2_000_000L);
        prices.put(HostCost.IOCTL_ENTRY, 200_000L);
        prices.put(HostCost.USER_COPY, 30_000L);
        prices.put(HostCost.ALLOCATE, 100_000L);
        prices.put(HostCost.TABLE_STORE, 5_000L);
        prices.put(HostCost.BARRIER, 20_000L);
        prices.put(HostCost.MMIO_WRITE, 100_000L);
        prices.put(HostCost.MMIO_READ, 800_000L);
        prices.put(HostCost.INTERRUPT_ENTRY, 1_000_000L);
        prices.put(HostCost.PIN_PAGE, 50_000L);
        prices.put(HostCost.FREE, 0L);
        return prices;
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
