package org.iommusim.sim.explore;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.iommusim.sim.check.Violation;
import org.jspecify.annotations.Nullable;

/**
 * The file of a search that was stopped half-way: a header that names the subject and the bounds, the levels done, what is
 * still to do, the table of visited states, and a checksum. It replaces its predecessor only once it is whole.
 */
final class Checkpoint {
    private static final long MAGIC = 0x494f4d4d55455850L;
    private static final int VERSION = 1;
    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final String subjectName;

    /**
     * Makes the checkpoint of a subject; touches no file yet.
     *
     * @param subjectName tells subjects apart, e.g. a scenario with its kernel and version
     */
    Checkpoint(Path file, String subjectName) {
        this.file = file;
        this.subjectName = subjectName;
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** Removes the file, if there is one. */
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be deleted: " + e.getMessage(), e);
        }
    }

    /** Writes the file. */
    void save(SavedSearch search, Crew crew, Bounds bounds, boolean symmetry) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        CRC32 sum = new CRC32();
        try (DataOutputStream out = new DataOutputStream(
                new CheckedOutputStream(new BufferedOutputStream(Files.newOutputStream(part), BUFFER), sum))) {
            out.writeLong(MAGIC);
            out.writeInt(VERSION);
            out.writeUTF(identity(crew));
            out.writeUTF(limits(bounds, symmetry));
            savePosition(search.position(), out);
            out.writeInt(search.preemptions());
            search.totals().save(out);
            out.writeInt(search.tasks().size());
            for (SearchTask task : search.tasks()) {
                task.save(out);
            }
            search.visited().save(out);
            out.writeLong(sum.getValue());
        } catch (IOException e) {
            throw new CheckpointException(part + ": cannot be written: " + e.getMessage(), e);
        }
        try {
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be replaced: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the file.
     *
     * @throws CheckpointException if it is none, is damaged, or belongs to another subject or other bounds
     */
    SavedSearch load(Crew crew, Bounds bounds, boolean symmetry) {
        CRC32 sum = new CRC32();
        try (DataInputStream in = new DataInputStream(
                new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER), sum))) {
            checkHeader(in, crew, bounds, symmetry);
            LevelPosition position = loadPosition(in);
            int preemptions = in.readInt();
            LevelTotals totals = LevelTotals.load(in);
            List<SearchTask> tasks = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                tasks.add(SearchTask.load(in));
            }
            VisitedTable visited = new VisitedTable(bounds.maxBytes(), crew.workers() > 1);
            if (!visited.load(in)) {
                throw new CheckpointException(file + ": its states need more than " + bounds.maxBytes() + " bytes");
            }
            long expected = sum.getValue();
            if (in.readLong() != expected) {
                throw new CheckpointException(file + ": is damaged: the checksum does not match");
            }
            return new SavedSearch(position, preemptions, totals, tasks, visited);
        } catch (EOFException e) {
            throw new CheckpointException(file + ": is damaged: it ends too early", e);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private void checkHeader(DataInputStream in, Crew crew, Bounds bounds, boolean symmetry) throws IOException {
        if (in.readLong() != MAGIC) {
            throw new CheckpointException(file + ": is not a checkpoint of an exploration");
        }
        int version = in.readInt();
        if (version != VERSION) {
            throw new CheckpointException(file + ": has version " + version + ", not " + VERSION);
        }
        checkSame("subject", identity(crew), in.readUTF());
        checkSame("bounds", limits(bounds, symmetry), in.readUTF());
    }

    private void checkSame(String what, String ours, String theirs) {
        if (!ours.equals(theirs)) {
            throw new CheckpointException(file + ": is of other " + what + ": " + theirs + ", not " + ours);
        }
    }

    private String identity(Crew crew) {
        Crew.Member member = crew.member(0);
        Subject subject = member.subject();
        subject.undoTo(member.start());
        List<String> lanes = new ArrayList<>();
        for (int lane = 0; lane < subject.lanes(); lane++) {
            lanes.add(subject.laneName(lane));
        }
        return String.format(
                Locale.ROOT,
                "%s with lanes %s and initial state %016x%016x",
                subjectName,
                lanes,
                subject.fingerprintHigh(),
                subject.fingerprintLow());
    }

    private static String limits(Bounds bounds, boolean symmetry) {
        return (bounds.preemptionBounded() ? bounds.preemptions() + " preemptions" : "any number of preemptions")
                + ", at most " + bounds.maxDepth() + " transitions" + (symmetry ? ", symmetry" : "");
    }

    private static void savePosition(LevelPosition position, DataOutputStream out) throws IOException {
        out.writeInt(position.next());
        out.writeInt(position.safe());
        Counterexample known = position.known();
        out.writeBoolean(known != null);
        if (known != null) {
            saveCounterexample(known, out);
        }
    }

    private static LevelPosition loadPosition(DataInputStream in) throws IOException {
        return new LevelPosition(in.readInt(), in.readInt(), in.readBoolean() ? loadCounterexample(in) : null);
    }

    private static void saveCounterexample(Counterexample known, DataOutputStream out) throws IOException {
        out.writeInt(known.preemptions());
        out.writeInt(known.lanes().size());
        for (int lane : known.lanes()) {
            out.writeInt(lane);
        }
        out.writeInt(known.violations().size());
        for (Violation violation : known.violations()) {
            out.writeLong(violation.timePs());
            out.writeUTF(violation.checker());
            out.writeUTF(violation.message());
        }
    }

    private static @Nullable Counterexample loadCounterexample(DataInputStream in) throws IOException {
        int preemptions = in.readInt();
        int[] lanes = new int[in.readInt()];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = in.readInt();
        }
        List<Violation> violations = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            violations.add(new Violation(in.readLong(), in.readUTF(), in.readUTF()));
        }
        return Counterexample.of(preemptions, lanes, lanes.length, violations);
    }
}
