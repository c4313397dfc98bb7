package org.iommusim.scenario.mutate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.scenario.mutate.MutantVerdict.Outcome;
import org.iommusim.sim.mutate.Mutant;
import org.iommusim.sim.program.ProgramListing;
import org.jspecify.annotations.Nullable;

/**
 * The verdicts of a campaign in a file, one line each, written as they come. The first line tells campaigns apart: it
 * changes with the programs, with their mutants and with how they are judged.
 */
public final class MutationJournal {
    private static final String TAB = "\t";
    private static final int FIELDS = 5;

    private final @Nullable Path file;
    private final SortedMap<String, MutantVerdict> verdicts = new TreeMap<>();

    private MutationJournal(@Nullable Path file) {
        this.file = file;
    }

    /** A journal that forgets. */
    public static MutationJournal none() {
        return new MutationJournal(null);
    }

    /**
     * Opens or begins the journal of a campaign.
     *
     * @param policy whose programs are changed
     * @param judgedBy how mutants are judged: scenarios and bounds
     * @throws IllegalArgumentException with one line if the file is there and not of this campaign
     */
    public static MutationJournal open(Path file, String policy, List<Mutant> mutants, String judgedBy) {
        String title = "mutation of " + policy + " " + fingerprint(mutants, judgedBy);
        MutationJournal journal = new MutationJournal(file);
        try {
            if (Files.exists(file)) {
                journal.read(title, Files.readString(file));
            } else {
                Files.writeString(file, title + "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return journal;
    }

    /** What was judged before it was opened, and since, by mutant. */
    public SortedMap<String, MutantVerdict> verdicts() {
        return Collections.unmodifiableSortedMap(verdicts);
    }

    /** Writes one verdict; called by one thread at a time. */
    void add(String mutant, MutantVerdict verdict) {
        verdicts.put(mutant, verdict);
        if (file != null) {
            append(file, line(mutant, verdict));
        }
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String line(String mutant, MutantVerdict verdict) {
        return String.join(
                TAB,
                mutant,
                verdict.outcome().name(),
                Boolean.toString(verdict.exhaustive()),
                verdict.by(),
                verdict.detail());
    }

    /** A last line without an end was cut off by whatever ended the campaign: it is judged, and written, again. */
    private void read(String title, String text) throws IOException {
        if (!text.startsWith(title + "\n")) {
            throw new IllegalArgumentException(file + ": found the journal of another campaign, expected '" + title
                    + "': remove it to begin again");
        }
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        for (String line : whole.substring(title.length() + 1).split("\n")) {
            String[] fields = line.split(TAB, -1);
            if (fields.length == FIELDS) {
                verdicts.put(
                        fields[0],
                        new MutantVerdict(
                                Outcome.valueOf(fields[1]), fields[3], fields[4], Boolean.parseBoolean(fields[2])));
            }
        }
        if (file != null && whole.length() < text.length()) {
            Files.writeString(file, whole);
        }
    }

    private static String fingerprint(List<Mutant> mutants, String judgedBy) {
        StringBuilder all = new StringBuilder(judgedBy).append('\n');
        for (Mutant mutant : mutants) {
            all.append(mutant.id()).append('\n').append(ProgramListing.text(mutant.program()));
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(all.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, Long.BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
