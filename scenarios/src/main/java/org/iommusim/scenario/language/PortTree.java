package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How switch ports hang on root ports and on each other: every way up must end at a root port. */
final class PortTree {
    private final List<String> rootPorts = new ArrayList<>();
    private final Map<String, Fields> switchPorts = new LinkedHashMap<>();

    void addRootPorts(Set<String> ids) {
        rootPorts.addAll(ids);
    }

    void add(String id, Fields fields) {
        switchPorts.put(id, fields);
    }

    /** Checks all switch ports: what they name exists, and no way up goes round in a circle. */
    void check(Set<String> allPorts) {
        switchPorts.values().forEach(fields -> fields.word("upstream", allPorts, ""));
        for (Map.Entry<String, Fields> start : switchPorts.entrySet()) {
            List<String> way = new ArrayList<>();
            String at = start.getKey();
            while (switchPorts.containsKey(at)) {
                if (way.contains(at)) {
                    throw start.getValue()
                            .at("upstream")
                            .wrong(
                                    "found the circle " + String.join(" -> ", way) + " -> " + at,
                                    "expected a way up to a root port");
                }
                way.add(at);
                at = upstream(at);
            }
        }
    }

    /** The switch ports on the way up from a port, that port included if it is one, the nearest first. */
    List<String> from(String port) {
        List<String> way = new ArrayList<>();
        for (String at = port; switchPorts.containsKey(at); at = upstream(at)) {
            way.add(at);
        }
        return way;
    }

    /** The root port at the upper end of the way from a port. */
    String rootPort(String port) {
        List<String> way = from(port);
        return way.isEmpty() ? port : upstream(way.get(way.size() - 1));
    }

    private String upstream(String switchPort) {
        Fields fields = switchPorts.get(switchPort);
        return fields == null ? "" : fields.text("upstream", "");
    }
}
