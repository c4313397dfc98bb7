package org.iommusim.benchmarks;

import java.util.PriorityQueue;
import org.iommusim.sim.event.EventQueue;
import org.iommusim.sim.event.HeapEventQueue;
import org.iommusim.sim.event.NearEventQueue;
import org.iommusim.sim.event.RadixEventQueue;
import org.iommusim.sim.event.TieOrder;

/** A queue as the hold model sees it: the earliest event fires and is scheduled again. */
interface HoldLoop {

    /** Schedules one more event. */
    void fill(int event, long delay);

    /**
     * Fires the earliest event and schedules it again.
     *
     * @return its time
     */
    long hold(long delay);

    /**
     * Looks at the earliest event.
     *
     * @return its time
     */
    long peek();

    static HoldLoop of(String queue, int pending) {
        return switch (queue) {
            case "near" -> new OfEventQueue(new NearEventQueue(TieOrder.FIFO, pending));
            case "radix" -> new OfEventQueue(new RadixEventQueue(TieOrder.FIFO, pending));
            case "heap" -> new OfEventQueue(new HeapEventQueue(TieOrder.FIFO, pending));
            case "objects" -> new OfObjects();
            default -> throw new IllegalArgumentException("no queue " + queue);
        };
    }

    /** Any of ours. */
    final class OfEventQueue implements HoldLoop {
        private final EventQueue queue;

        OfEventQueue(EventQueue queue) {
            this.queue = queue;
        }

        @Override
        public void fill(int event, long delay) {
            queue.add(event, queue.lastKey() + delay);
        }

        @Override
        public long hold(long delay) {
            int event = queue.poll();
            long now = queue.lastKey();
            queue.add(event, now + delay);
            return now;
        }

        @Override
        public long peek() {
            return queue.peekKey();
        }
    }

    /** The plain draft: a new object for each event, ordered by time, ties as they come. */
    final class OfObjects implements HoldLoop {
        private record Event(int number, long time) implements Comparable<Event> {
            @Override
            public int compareTo(Event other) {
                return Long.compare(time, other.time);
            }
        }

        private final PriorityQueue<Event> queue = new PriorityQueue<>();

        @Override
        public void fill(int event, long delay) {
            queue.add(new Event(event, delay));
        }

        @Override
        public long hold(long delay) {
            Event event = queue.remove();
            queue.add(new Event(event.number, event.time + delay));
            return event.time;
        }

        @Override
        public long peek() {
            return queue.element().time;
        }
    }
}
