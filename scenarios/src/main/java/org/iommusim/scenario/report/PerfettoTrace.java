package org.iommusim.scenario.report;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.time.Picoseconds;
import org.iommusim.sim.trace.TraceSink;

/**
 * {@code trace.perfetto-trace}: a Perfetto trace, written while the run goes on.
 *
 * <p>Each actor has a track with a slice for each step and an instant for each step inside its programs; contexts, devices
 * and IOMMUs have tracks of instants; each traffic has as many tracks as it needs so that its requests do not overlap.
 * Flows lead from the step that sets a label to those that wait for it. Perfetto counts in ns; exact times are in the
 * summary. The numbers of requests, of program steps and of spans of hardware are bounded: the first ones are kept.
 */
final class PerfettoTrace implements RunListener, TraceSink {
    private static final int REQUESTS_MAX = 20_000;
    private static final int PROGRAM_STEPS_MAX = 200_000;
    private static final int SPANS_MAX = 50_000;

    // Field numbers of perfetto.protos: Trace, TracePacket, TrackDescriptor, TrackEvent, DebugAnnotation.
    private static final int TRACE_PACKET = 1;
    private static final int PACKET_TIMESTAMP = 8;
    private static final int PACKET_SEQUENCE = 10;
    private static final int PACKET_EVENT = 11;
    private static final int PACKET_TRACK = 60;
    private static final int TRACK_UUID = 1;
    private static final int TRACK_NAME = 2;
    private static final int TRACK_PARENT = 5;
    private static final int EVENT_ANNOTATION = 4;
    private static final int EVENT_TYPE = 9;
    private static final int EVENT_TRACK = 11;
    private static final int EVENT_CATEGORY = 22;
    private static final int EVENT_NAME = 23;
    private static final int EVENT_FLOW = 47;
    private static final int ANNOTATION_TEXT = 6;
    private static final int ANNOTATION_NAME = 10;
    private static final int BEGIN = 1;
    private static final int END = 2;
    private static final int INSTANT = 3;

    private final OutputStream out;
    private final Map<String, Long> tracks = new LinkedHashMap<>();
    private final Map<String, List<ScriptStep>> scripts = new LinkedHashMap<>();
    private final Map<String, Integer> labels = new TreeMap<>();
    /** For each traffic, when its tracks are free again. */
    private final Map<String, long[]> freeAt = new LinkedHashMap<>();

    private final ProtoWriter packet = new ProtoWriter();
    private final ProtoWriter event = new ProtoWriter();
    private final ProtoWriter annotation = new ProtoWriter();
    private final ProtoWriter framed = new ProtoWriter();
    private final Map<String, Integer> openSpans = new TreeMap<>();
    private int requests;
    private int programSteps;
    private int spans;
    private long lastSpanPs;

    PerfettoTrace(OutputStream out, Scenario scenario) {
        this.out = out;
        for (Scenario.ActorScript actor : scenario.actors()) {
            scripts.put(actor.id(), actor.script());
            track(actor.id(), 0);
            for (ScriptStep step : actor.script()) {
                if (!step.label().isEmpty()) {
                    labels.put(step.label(), labels.size() + 1);
                }
            }
        }
    }

    @Override
    public void stepStarted(long timePs, String actor, int index, Verb verb, String text) {
        ScriptStep step = scripts.getOrDefault(actor, List.of()).get(index);
        begin(track(actor, 0), verb.name(), "script");
        annotate("fields", text);
        flow(step.label());
        step.after().forEach(this::flow);
        send(timePs);
    }

    private void flow(String label) {
        Integer id = labels.get(label);
        if (id != null) {
            event.fixed64(EVENT_FLOW, id);
        }
    }

    @Override
    public void stepEnded(
            long timePs,
            String actor,
            int index,
            ScriptStep step,
            int errno,
            SortedMap<String, Long> outputs,
            boolean asExpected) {
        event.clear().number(EVENT_TYPE, END).number(EVENT_TRACK, track(actor, 0));
        annotate("errno", Errno.name(errno) + (asExpected ? "" : " (unexpected)"));
        outputs.forEach((name, value) -> annotate(name, "0x" + Long.toHexString(value)));
        send(timePs);
    }

    @Override
    public void objectChanged(long timePs, String context, String type, int id, String change, String detail) {
        mark(context, type + " " + id + " " + change, "object");
        annotate("detail", detail);
        send(timePs);
    }

    @Override
    public void deviceChanged(long timePs, String device, String change) {
        mark("device " + device, change, "hotplug");
        send(timePs);
    }

    @Override
    public void eventReported(long timePs, String iommu, String text) {
        mark(iommu, text, "event");
        send(timePs);
    }

    @Override
    public void step(String lane, long timePs, String program, String step) {
        if (programSteps++ < PROGRAM_STEPS_MAX) {
            mark(lane, program + ": " + step, "program");
            send(timePs);
        }
    }

    @Override
    public void instant(String lane, long timePs, String category, String text) {
        mark(lane, text, category);
        send(timePs);
    }

    @Override
    public boolean detailed() {
        return spans < SPANS_MAX;
    }

    @Override
    public void begin(String lane, long timePs, String name) {
        if (spans++ < SPANS_MAX) {
            openSpans.merge(lane, 1, Integer::sum);
            lastSpanPs = timePs;
            begin(track(lane, 0), name, "span");
            send(timePs);
        }
    }

    @Override
    public void end(String lane, long timePs) {
        if (openSpans.getOrDefault(lane, 0) > 0) {
            openSpans.merge(lane, -1, Integer::sum);
            event.clear().number(EVENT_TYPE, END).number(EVENT_TRACK, track(lane, 0));
            send(timePs);
        }
    }

    /** Ends the spans that were open when the limit was reached: whoever began them was not asked any more. */
    void finish() {
        openSpans.forEach((lane, open) -> {
            for (int i = 0; i < open; i++) {
                event.clear().number(EVENT_TYPE, END).number(EVENT_TRACK, track(lane, 0));
                send(lastSpanPs);
            }
        });
        openSpans.clear();
    }

    @Override
    public void dmaAnswered(String traffic, DmaRequest request) {
        if (requests++ >= REQUESTS_MAX) {
            return;
        }
        long track = freeTrack(traffic, request);
        begin(track, (request.write() ? "write " : "read ") + request.id(), "dma");
        annotate("iova", "0x" + Long.toHexString(request.iova()));
        annotate("outcome", request.outcome().name());
        if (request.outcome() == DmaOutcome.OK) {
            annotate("pa", "0x" + Long.toHexString(request.physicalAddress()));
        }
        send(request.attemptedAt());
        long translated = request.translatedAt() < 0 ? request.answeredAt() : request.translatedAt();
        part(track, "queue", request.attemptedAt(), request.issuedAt());
        part(track, "translate", request.issuedAt(), translated);
        part(track, "data", translated, request.answeredAt());
        event.clear().number(EVENT_TYPE, END).number(EVENT_TRACK, track);
        send(request.answeredAt());
    }

    private void part(long track, String name, long fromPs, long toPs) {
        if (toPs > fromPs) {
            begin(track, name, "dma");
            send(fromPs);
            event.clear().number(EVENT_TYPE, END).number(EVENT_TRACK, track);
            send(toPs);
        }
    }

    /** The first track of a traffic on which nothing is shown since the request's attempt. */
    private long freeTrack(String traffic, DmaRequest request) {
        long[] free = freeAt.computeIfAbsent(traffic, key -> new long[4]);
        int slot = 0;
        while (slot < free.length && free[slot] > request.attemptedAt()) {
            slot++;
        }
        if (slot == free.length) {
            free = Arrays.copyOf(free, 2 * slot);
            freeAt.put(traffic, free);
        }
        free[slot] = request.answeredAt();
        return track("dma " + traffic + " " + slot, track("dma " + traffic, 0));
    }

    private long track(String name, long parent) {
        Long known = tracks.get(name);
        if (known != null) {
            return known;
        }
        long uuid = tracks.size() + 1L;
        tracks.put(name, uuid);
        event.clear().number(TRACK_UUID, uuid).text(TRACK_NAME, name);
        if (parent != 0) {
            event.number(TRACK_PARENT, parent);
        }
        write(packet.clear().number(PACKET_SEQUENCE, 1).message(PACKET_TRACK, event));
        return uuid;
    }

    private void begin(long track, String name, String category) {
        event.clear().number(EVENT_TYPE, BEGIN).number(EVENT_TRACK, track);
        event.text(EVENT_CATEGORY, category).text(EVENT_NAME, name);
    }

    private void mark(String lane, String name, String category) {
        long track = track(lane, 0);
        event.clear().number(EVENT_TYPE, INSTANT).number(EVENT_TRACK, track);
        event.text(EVENT_CATEGORY, category).text(EVENT_NAME, name);
    }

    private void annotate(String name, String value) {
        if (!value.isEmpty()) {
            annotation.clear().text(ANNOTATION_TEXT, value).text(ANNOTATION_NAME, name);
            event.message(EVENT_ANNOTATION, annotation);
        }
    }

    private void send(long timePs) {
        packet.clear().number(PACKET_TIMESTAMP, timePs / Picoseconds.NS).number(PACKET_SEQUENCE, 1);
        write(packet.message(PACKET_EVENT, event));
    }

    private void write(ProtoWriter message) {
        try {
            framed.clear().message(TRACE_PACKET, message).writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("trace.perfetto-trace", e);
        }
    }
}
