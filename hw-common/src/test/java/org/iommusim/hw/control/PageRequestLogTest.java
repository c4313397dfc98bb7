package org.iommusim.hw.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.iommu.NotingEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.junit.jupiter.api.Test;

/** Page requests take their turns: looked up, then taken or not, then written. */
class PageRequestLogTest {
    private static final int FUNCTION = 0x10;
    private static final long LOG = 0x1000;

    private final ControlBed bed = new ControlBed();
    private final List<String> told = new ArrayList<>();
    private final AtcInvalidations endpoints = new AtcInvalidations(new Nobody(), bed.sim, "iommu0", 1, 0);
    private final PageRequestLog log =
            new PageRequestLog(new Rules(), endpoints, bed.lane, bed.port, bed.memory, bed.statistics);
    private boolean checks = true;
    private boolean room = true;
    private boolean stopped;
    private int records;

    PageRequestLogTest() {
        endpoints.connect(new NotingEndpoint(FUNCTION, 1, told));
        log.whenSettled(() -> told.add("settled"));
    }

    private static final class Nobody implements AtcInvalidations.Client {
        @Override
        public void tagFreed(int tag) {}

        @Override
        public void timedOut(int tag, int requesterId) {}
    }

    private final class Rules implements PageRequestLog.Rules {
        @Override
        public void check(PageRequest request) {
            told.add("check " + request.group());
            if (checks) {
                log.checked(null);
            }
        }

        @Override
        public boolean stopped() {
            return stopped;
        }

        @Override
        public void unwritable(PageRequest request) {
            told.add("unwritable " + request.group());
        }

        @Override
        public void refused(PageRequest request, PageResponse refusal) {
            told.add("refused " + request.group() + " " + refusal);
        }

        @Override
        public boolean takes(PageRequest request) {
            return room;
        }

        @Override
        public long address() {
            return LOG + 8L * records;
        }

        @Override
        public int bytes() {
            return 8;
        }

        @Override
        public void issued() {
            told.add("issued");
        }

        @Override
        public void write(PhysicalMemory memory, long address, PageRequest request) {
            memory.write64(address, request.group());
        }

        @Override
        public void written(PageRequest request) {
            records++;
            told.add("written " + request.group());
        }
    }

    private static PageRequest request(int group, boolean last) {
        return new PageRequest(FUNCTION, 7, 0x5000, group, last, true, false, false, false);
    }

    private long counter(String name) {
        return ((Counter) bed.sim.statistics().find("iommu0." + name).orElseThrow()).value();
    }

    @Test
    void shouldTakeOneAtATime() {
        log.arrived(request(1, true));
        log.arrived(request(2, true));
        assertThat(log.pending()).isEqualTo(2);
        assertThat(told).containsExactly("check 1", "issued");
        bed.run();
        assertThat(told)
                .containsExactly(
                        "check 1", "issued", "written 1", "settled", "check 2", "issued", "written 2", "settled");
        assertThat(bed.memory.read64(LOG)).isEqualTo(1);
        assertThat(bed.memory.read64(LOG + 8)).isEqualTo(2);
        assertThat(log.pending()).isZero();
        assertThat(counter("recorded")).isEqualTo(2);
    }

    @Test
    void shouldWaitForTheCheck() {
        checks = false;
        log.arrived(request(1, true));
        log.arrived(request(2, true));
        bed.run();
        assertThat(told).containsExactly("check 1");
        log.checked(PageResponse.INVALID_REQUEST);
        assertThat(told).containsExactly("check 1", "refused 1 INVALID_REQUEST", "settled", "check 2");
        assertThat(counter("lost")).isEqualTo(1);
        assertThat(log.pending()).isEqualTo(1);
    }

    @Test
    void shouldLoseWhatIsNotTaken() {
        room = false;
        log.arrived(request(1, true));
        bed.run();
        assertThat(told).containsExactly("check 1", "settled");
        assertThat(counter("lost")).isEqualTo(1);
    }

    @Test
    void shouldSayWhatCannotBeWritten() {
        bed.busFaults.abort(LOG, 8, false, true, 0, 1);
        log.arrived(request(1, true));
        bed.run();
        stopped = true;
        log.arrived(request(2, true));
        bed.run();
        assertThat(told).contains("unwritable 1", "unwritable 2").doesNotContain("written 1", "written 2");
        assertThat(bed.memory.read64(LOG)).isZero();
        assertThat(counter("lost")).isEqualTo(2);
    }

    @Test
    void shouldAnswerGroupsOnceAndStopMarkersNever() {
        log.answer(request(1, false), 7, PageResponse.SUCCESS);
        log.answer(request(2, true), -1, PageResponse.SUCCESS);
        log.respond(request(3, false), 7, PageResponse.RESPONSE_FAILURE);
        PageRequest stop = new PageRequest(FUNCTION, 7, 0, 4, true, false, false, false, false);
        log.answer(stop, 7, PageResponse.SUCCESS);
        log.respond(stop, 7, PageResponse.SUCCESS);
        log.respond(new PageRequest(0x99, 7, 0, 5, true, true, false, false, false), 7, PageResponse.SUCCESS);
        assertThat(told).containsExactly("respond 2 SUCCESS", "respond 3 pasid 7 RESPONSE_FAILURE");
        assertThat(counter("auto_responses")).isEqualTo(2);
    }
}
