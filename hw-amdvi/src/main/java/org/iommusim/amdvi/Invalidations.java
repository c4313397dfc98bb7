package org.iommusim.amdvi;

/** Where commands take effect: the unit's caches and the requests under way. */
final class Invalidations implements InvalidationTarget {
    private final AmdViDevice device;
    private final Mistakes mistakes;
    private final Invalidation what;

    Invalidations(AmdViDevice device, AmdViParameters p) {
        this.device = device;
        mistakes = device.mistakes();
        what = new Invalidation(mistakes, p.flag("whole_domain_invalidation"));
    }

    @Override
    public void issued(long w0, long w1) {
        device.staleUse().issued(new CommandPromise(w0, w1));
    }

    @Override
    public void invalidate(long w0, long w1) {
        what.describe(w0, w1);
        device.entries().cache().entries().invalidate(what.entries());
        device.translator().invalidate(what);
        if (!mistakes.forgetsInterrupts) {
            device.interrupts().invalidate(what::hitsInterruptsOf);
        }
        if (!mistakes.forgetsFlights) {
            device.flights().invalidate(this::hits, flight -> true);
        }
    }

    @Override
    public void prefetch(long w0, long w1) {
        device.prefetches().start(w0, w1);
    }

    @Override
    public void stopPrefetching() {
        device.prefetches().stop();
    }

    private boolean hits(Flight flight) {
        boolean interrupt = flight.message && device.interrupts().uses(flight, what::hitsInterruptsOf);
        return interrupt || what.hits(flight);
    }

    @Override
    public int invalidations() {
        return device.flights().invalidations();
    }

    @Override
    public boolean awaited(int first) {
        return !mistakes.waitDoesNotDrain && device.flights().awaited(first);
    }

    @Override
    public int promises() {
        return device.staleUse().incomplete();
    }

    @Override
    public void completed(String by, int first) {
        device.staleUse().completed(by, first);
    }
}
