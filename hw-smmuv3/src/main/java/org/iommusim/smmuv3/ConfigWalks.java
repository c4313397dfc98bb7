package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;

/**
 * Who may read configuration from memory: so many flights at a time, and, if misses are merged, one for each stream and
 * substream. The others wait until that one has filled the cache, or is refused, and look the cache up again; what they have
 * waited for they have not used, so an invalidation meanwhile does not concern them.
 */
final class ConfigWalks implements EventHandler {
    private final Smmuv3Device device;
    private final SharedUnit unit;
    private final ConfigFetch fetch;
    private final Scheduler scheduler;
    private final Slots slots;
    private final boolean merges;
    private final List<Flight> reading = new ArrayList<>();
    private final FlightList waiters = new FlightList();
    private final Counter merged;

    ConfigWalks(
            Smmuv3Device device,
            SharedUnit unit,
            ConfigFetch fetch,
            Scheduler scheduler,
            String name,
            Smmuv3Parameters p,
            Statistics statistics) {
        this.device = device;
        this.unit = unit;
        this.fetch = fetch;
        this.scheduler = scheduler;
        slots = new Slots(scheduler, name + " config walks", p.value("config_walks"), p.wakeRule());
        merges = p.flag("merge_config") && p.flag("config_cache");
        merged = statistics.counter("merged_fetches", "requests", "requests that waited for another's configuration");
    }

    /** Reads a flight's configuration, at once or later. */
    void start(Flight flight) {
        // A translated transaction reads no CD and fills nothing.
        if (merges && flight.type != AddressType.TRANSLATED && isRead(flight)) {
            merged.increment();
            flight.request().enter(Station.CONFIG_FETCH, scheduler.now());
            flight.usesConfig = false;
            waiters.add(flight);
            return;
        }
        flight.readsConfig = true;
        reading.add(flight);
        if (slots.take(flight.lane, this, 0, flight.id)) {
            fetch.fetch(flight);
        } else {
            flight.request().enter(Station.CONFIG_FETCH, scheduler.now());
        }
    }

    private boolean isRead(Flight flight) {
        for (int i = 0; i < reading.size(); i++) {
            Flight other = reading.get(i);
            if (other.sid == flight.sid && other.ssid == flight.ssid && other.type != AddressType.TRANSLATED) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void onEvent(int op, long arg) {
        fetch.fetch(device.flight((int) arg));
    }

    /** A flight has its configuration, and has kept it if it may; or it is refused. */
    void end(Flight flight) {
        if (!flight.readsConfig) {
            return;
        }
        flight.readsConfig = false;
        reading.remove(flight);
        slots.release();
        for (Flight f = waiters.poll(); f != null; f = waiters.poll()) {
            unit.findConfigAgain(f);
        }
    }
}
