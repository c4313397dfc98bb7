package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.List;

/** Which PASIDs are attached: the recorder detached them before it closed its files. */
final class AttachedPasids {
    private final List<One> attached = new ArrayList<>();

    /**
     * An attached PASID.
     *
     * @param fd the file
     * @param stdev the mock device
     * @param pasid the PASID
     */
    record One(long fd, long stdev, long pasid) {}

    /** Learns from what an operation did. */
    void note(VectorOp op, Answer answer, Symbols symbols) {
        boolean attach = op.name().equals("TEST_PASID_ATTACH");
        if (answer.errno() != 0 || !attach && !op.name().equals("TEST_PASID_DETACH")) {
            return;
        }
        One one = new One(
                op.value("on", symbols.value(Player.FIRST_FILE), symbols),
                op.value("id", 0, symbols),
                op.value("pasid", 0, symbols));
        attached.remove(one);
        if (attach) {
            attached.add(one);
        }
    }

    /** Those that are attached now. */
    List<One> all() {
        return List.copyOf(attached);
    }
}
