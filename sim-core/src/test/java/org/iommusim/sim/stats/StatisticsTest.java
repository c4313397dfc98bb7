package org.iommusim.sim.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import org.junit.jupiter.api.Test;

class StatisticsTest {

    private final Statistics statistics = new Statistics();

    @Test
    void shouldKeepTheOrderOfRegistration() {
        statistics.counter("z", "requests", "");
        statistics.latency("m", "");
        statistics.counter("a", "requests", "");
        assertThat(statistics).extracting(Statistic::name).containsExactly("z", "m", "a");
    }

    @Test
    void shouldPutNamesBelowTheComponent() {
        Statistics tlb = statistics.under("smmu0").under("main_tlb");
        Counter misses = tlb.counter("misses", "lookups", "that found nothing");
        assertThat(misses.name()).isEqualTo("smmu0.main_tlb.misses");
        assertThat(misses.unit()).isEqualTo("lookups");
        assertThat(misses.description()).isEqualTo("that found nothing");
        assertThat(statistics.find("smmu0.main_tlb.misses")).containsSame(misses);
        assertThat(tlb.find("misses")).containsSame(misses);
        assertThat(tlb.find("hits")).isEmpty();
    }

    @Test
    void shouldRefuseANameTwice() {
        statistics.under("smmu0").counter("misses", "lookups", "");
        assertThatIllegalStateException()
                .isThrownBy(() -> statistics.latency("smmu0.misses", ""))
                .withMessage("there is already a statistic smmu0.misses");
    }

    @Test
    void shouldRefuseWhatIsNotAPath() {
        for (String name : new String[] {"", ".", "a.", ".a", "a..b", "A", "a b", "a-b"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> statistics.counter(name, "", ""));
            assertThatIllegalArgumentException().isThrownBy(() -> statistics.under(name));
        }
        assertThat(statistics).isEmpty();
    }

    @Test
    void shouldCountUpOnly() {
        Counter counter = statistics.counter("bytes", "bytes", "");
        counter.increment();
        counter.add(41);
        assertThat(counter.value()).isEqualTo(42);
        assertThat(counter).hasToString("bytes = 42 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> counter.add(-1));
        assertThat(counter.value()).isEqualTo(42);
    }

    @Test
    void shouldResetAll() {
        Counter counter = statistics.counter("bytes", "bytes", "");
        LatencyHistogram latency = statistics.latency("latency", "");
        counter.increment();
        latency.record(1);
        statistics.under("any").reset();
        assertThat(counter.value()).isZero();
        assertThat(latency.count()).isZero();
    }

    @Test
    void shouldNotBeChangedThroughItsIterator() {
        statistics.counter("bytes", "bytes", "");
        Iterator<Statistic> iterator = statistics.iterator();
        iterator.next();
        assertThatThrownBy(iterator::remove).isInstanceOf(UnsupportedOperationException.class);
    }
}
