package org.iommusim.scenario.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.scenario.run.SyntheticRun;
import org.junit.jupiter.api.Test;

/** Reads a trace back with a reader that knows nothing of the writer. */
class PerfettoTraceTest {
    private final Map<Long, String> tracks = new TreeMap<>();
    private final Map<Long, Deque<Long>> open = new TreeMap<>();
    private final Set<String> names = new TreeSet<>();
    private int slices;
    private int instants;

    /** A protobuf message, field by field. */
    private static final class Message {
        private final byte[] bytes;
        private int at;
        private final int end;
        private int field;
        private long number;
        private int from;

        Message(byte[] bytes, int at, int end) {
            this.bytes = bytes;
            this.at = at;
            this.end = end;
        }

        boolean next() {
            if (at == end) {
                return false;
            }
            long tag = varint();
            field = (int) (tag >>> 3);
            switch ((int) tag & 7) {
                case 0 -> number = varint();
                case 1 -> at += 8;
                case 2 -> {
                    int length = (int) varint();
                    from = at;
                    at += length;
                }
                default -> throw new AssertionError("wire type of " + tag);
            }
            assertThat(at).isLessThanOrEqualTo(end);
            return true;
        }

        Message inner() {
            return new Message(bytes, from, at);
        }

        String text() {
            return new String(bytes, from, at - from, StandardCharsets.UTF_8);
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = bytes[at++];
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }
    }

    @Test
    void shouldWritePacketsThatNestAndTracksThatAreDescribed() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SyntheticRun.failing(new PerfettoTrace(out, SyntheticRun.scenario()));
        byte[] bytes = out.toByteArray();
        Message trace = new Message(bytes, 0, bytes.length);
        while (trace.next()) {
            assertThat(trace.field).as("Trace.packet").isEqualTo(1);
            packet(trace.inner());
        }
        assertThat(tracks).containsValues("vmm", "guest", "vmm.iommufd", "device nic", "smmu0", "dma receive");
        assertThat(names).contains("IOMMU_VDEVICE_ALLOC", "VDEVICE 5 tombstone", "translate", "data");
        assertThat(slices).isGreaterThan(2500);
        assertThat(instants).isEqualTo(5);
        // Only wait_request never ends.
        assertThat(open.values().stream().mapToInt(Deque::size).sum()).isEqualTo(1);
    }

    private void packet(Message packet) {
        long time = -1;
        while (packet.next()) {
            switch (packet.field) {
                case 8 -> time = packet.number;
                case 10 -> assertThat(packet.number).isEqualTo(1);
                case 11 -> event(packet.inner(), time);
                case 60 -> track(packet.inner());
                default -> throw new AssertionError("packet field " + packet.field);
            }
        }
    }

    private void track(Message track) {
        long uuid = 0;
        while (track.next()) {
            if (track.field == 1) {
                uuid = track.number;
            } else if (track.field == 2) {
                assertThat(tracks.put(uuid, track.text())).isNull();
            }
        }
    }

    private void event(Message event, long time) {
        long type = 0;
        long track = 0;
        while (event.next()) {
            switch (event.field) {
                case 9 -> type = event.number;
                case 11 -> track = event.number;
                case 23 -> names.add(event.text());
                default -> assertThat(event.field).isIn(4, 22, 47);
            }
        }
        assertThat(tracks).containsKey(track);
        Deque<Long> slicesOfTrack = open.computeIfAbsent(track, key -> new ArrayDeque<>());
        if (type == 1) {
            slices++;
            slicesOfTrack.push(time);
        } else if (type == 2) {
            assertThat(time).isGreaterThanOrEqualTo(slicesOfTrack.pop());
        } else {
            instants++;
        }
    }
}
