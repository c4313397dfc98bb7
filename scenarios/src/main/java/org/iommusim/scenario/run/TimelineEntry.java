package org.iommusim.scenario.run;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.iommusim.hw.driver.Errno;

/** Something that happened, for the timeline. */
public sealed interface TimelineEntry {
    /** When it happened, or began, ps. */
    long timePs();

    /** On whose lane. */
    String lane();

    /**
     * A step of a script.
     *
     * @param timePs when it began, ps
     * @param lane the actor
     * @param index its place in the script
     * @param verb what was done
     * @param text its fields
     * @param endPs when it ended, ps; -1: it did not
     * @param errno its answer
     * @param answers the answers that the script allows; empty: any
     * @param asExpected whether the answer is one that the script expects
     * @param outputs what it gave back
     * @param comment the author's remark; empty if there is none
     * @param changes what the step changed while it ran
     */
    record Step(
            long timePs,
            String lane,
            int index,
            String verb,
            String text,
            long endPs,
            int errno,
            List<Integer> answers,
            boolean asExpected,
            SortedMap<String, Long> outputs,
            String comment,
            List<Change> changes)
            implements TimelineEntry {
        /** Copies the collections. */
        public Step {
            outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
            answers = List.copyOf(answers);
            changes = List.copyOf(changes);
        }

        /** The answers that the script allows, in words: {@code ENOENT}, {@code OK or EBUSY}, {@code any}. */
        public String expected() {
            return answers.isEmpty() ? "any" : answers.stream().map(Errno::name).collect(Collectors.joining(" or "));
        }
    }

    /**
     * An object or a device changed.
     *
     * @param lane the actor whose step did it; empty if none is known
     * @param subject which, e.g. {@code vmm.iommufd VDEVICE 5} or {@code nic}
     * @param change what happened to it
     * @param detail what it hangs on
     */
    record Change(long timePs, String lane, String subject, String change, String detail) implements TimelineEntry {}

    /**
     * A fault or event record arrived at software.
     *
     * @param lane the IOMMU
     * @param text decoded
     */
    record Event(long timePs, String lane, String text) implements TimelineEntry {}
}
