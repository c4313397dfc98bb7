package org.iommusim.scenario.language;

import java.util.Set;
import org.iommusim.hw.replay.Recording;
import org.iommusim.hw.replay.ReplaySpec;
import org.iommusim.sim.time.Picoseconds;

/** Reads one traffic of the kind replay, and its requests. */
final class ReplayLoader {
    /** What a replay can have; the rest belongs to traffic that is made up. */
    private static final Set<String> MEMBERS =
            Set.of("id", "device", "kind", "file", "outstanding", "order_ids", "start", "cycle", "warm_up", "door");

    private ReplayLoader() {}

    /** Says what of a replay stands in a traffic that is none. */
    static void none(Fields fields) {
        for (String name : new String[] {"file", "order_ids", "start", "cycle", "warm_up", "door"}) {
            if (fields.has(name)) {
                throw fields.at(name).wrong("found \"" + name + "\"", "expected it with \"kind\": \"replay\"");
            }
        }
    }

    static Topology.Replay load(String id, String device, Fields fields, Attachments attachments) {
        for (String name : Language.TRAFFIC.names()) {
            if (fields.has(name) && !MEMBERS.contains(name)) {
                throw fields.at(name).wrong("found \"" + name + "\" in a replay", "expected it in made up traffic");
            }
        }
        for (String name : new String[] {"file", "outstanding"}) {
            if (!fields.has(name)) {
                throw fields.place().wrong("found no \"" + name + "\"", "expected one in every replay");
            }
        }
        Recording recording;
        try {
            recording = new Recording(attachments.read(fields.at("file")));
        } catch (IllegalArgumentException e) {
            throw fields.at("file")
                    .wrong(
                            "found " + e.getMessage(),
                            "expected records of " + Recording.RECORD_BYTES
                                    + " bytes, each of 1 to 4096 bytes of data in one 4 KiB page");
        }
        return new Topology.Replay(
                fields.place().pointer(),
                id,
                device,
                fields.number("warm_up", 0),
                new ReplaySpec(
                        recording,
                        fields.count("outstanding", 1),
                        fields.count("order_ids", 1),
                        fields.number("start", 0),
                        fields.number("cycle", Picoseconds.NS),
                        fields.count("door", 0)));
    }
}
