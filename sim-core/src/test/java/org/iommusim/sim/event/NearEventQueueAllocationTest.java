package org.iommusim.sim.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

class NearEventQueueAllocationTest {

    private static final int PENDING = 1000;

    private final EventQueue queue = new NearEventQueue(TieOrder.FIFO, PENDING);
    private final Gen gen = new Gen(1);

    @Test
    void shouldAllocateNothingInSteadyState() {
        for (int event = 0; event < PENDING; event++) {
            queue.add(event, gen.magnitude(20));
        }
        run(10_000); // loads what is loaded on first use
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        run(200_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as("bytes in 200,000 rounds").isLessThan(4096);
    }

    private void run(int rounds) {
        for (int i = 0; i < rounds; i++) {
            queue.peekKey();
            int event = queue.poll();
            queue.add(event, queue.lastKey() + gen.magnitude(20));
            int cancelled = gen.below(PENDING);
            queue.remove(cancelled);
            queue.add(cancelled, queue.lastKey() + gen.magnitude(20));
        }
    }
}
