package org.iommusim.scenario.run;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.scenario.run.RunResult.ObjectChange;
import org.iommusim.scenario.run.RunResult.ObjectState;

/** Which objects there are, from what the kernel told of them. */
final class ObjectTable {
    private final SortedMap<String, SortedMap<Integer, ObjectState>> contexts = new TreeMap<>();
    private final List<ObjectChange> changes = new ArrayList<>();

    void changed(ObjectChange change) {
        changes.add(change);
        SortedMap<Integer, ObjectState> objects = contexts.computeIfAbsent(change.context(), key -> new TreeMap<>());
        switch (change.change()) {
            case "destroyed", "aborted" -> objects.remove(change.id());
            case "tombstone" -> put(objects, change, "tombstone");
            case "reserved" -> put(objects, change, "reserved");
            default -> put(objects, change, "live");
        }
    }

    private static void put(SortedMap<Integer, ObjectState> objects, ObjectChange change, String state) {
        ObjectState before = objects.get(change.id());
        String detail = change.detail().isEmpty() && before != null ? before.detail() : change.detail();
        objects.put(change.id(), new ObjectState(change.context(), change.type(), change.id(), state, detail));
    }

    List<ObjectChange> changes() {
        return List.copyOf(changes);
    }

    /** What is there, by context and id. */
    List<ObjectState> objects() {
        List<ObjectState> all = new ArrayList<>();
        contexts.values().forEach(objects -> all.addAll(objects.values()));
        return all;
    }
}
