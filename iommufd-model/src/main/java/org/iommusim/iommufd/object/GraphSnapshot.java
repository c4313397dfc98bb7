package org.iommusim.iommufd.object;

import java.util.ArrayList;
import java.util.List;

/**
 * A context as it is at rest, in words: objects with both counts and what they contain, ids that are taken, who holds the
 * file. Two of them are equal if user space cannot tell the difference.
 *
 * @param lines one for each fact, in a fixed order
 */
public record GraphSnapshot(List<String> lines) {
    /** Copies the lines. */
    public GraphSnapshot {
        lines = List.copyOf(lines);
    }

    /** What a context is now. */
    public static GraphSnapshot of(IommufdCtx ctx) {
        List<String> lines = new ArrayList<>();
        lines.add(ctx + ": " + ctx.fileReferences() + " references on the file, reserved ids "
                + ctx.objects().reservedIds());
        for (IommufdObject object : ctx.objects().live()) {
            lines.add(object + " [" + object.detail() + "] users " + object.users() + ", wait_cnt " + object.waitCnt());
            object.contents().forEach(content -> lines.add(object + " has " + content));
        }
        return new GraphSnapshot(lines);
    }

    /** What is different in a later one: lines that went, then lines that came. */
    public List<String> differences(GraphSnapshot later) {
        List<String> differences = new ArrayList<>();
        lines.stream().filter(line -> !later.lines.contains(line)).forEach(line -> differences.add("- " + line));
        later.lines.stream().filter(line -> !lines.contains(line)).forEach(line -> differences.add("+ " + line));
        return differences;
    }
}
