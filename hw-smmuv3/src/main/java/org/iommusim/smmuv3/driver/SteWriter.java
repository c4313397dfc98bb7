package org.iommusim.smmuv3.driver;

import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Ste;

/**
 * {@code arm_smmu_write_entry} for stream table entries: changes an entry that hardware may be reading at any moment, 64
 * bits at a time, so that it never sees a mix of the old and the new one.
 *
 * <p>If the used bits of at most one word differ, the change is hitless: first what hardware ignores now is set up, then
 * the critical word changes everything at once, then what is no longer used is cleared. Otherwise the entry is made
 * invalid in between. After each group of stores CFGI_STE and CMD_SYNC make sure that nothing older is cached.
 */
final class SteWriter extends Frame {
    static final Program<SteWriter> PROGRAM = program();

    private static final Program<EntrySet> UNUSED = entrySet("write unused qword");
    private static final Program<EntrySet> CRITICAL = entrySet("write critical qword");
    private static final Program<EntrySet> CLEAR = entrySet("clear unused qword");
    private static final Program<EntrySet> BREAK = entrySet("write STE.V=0");
    private static final Program<EntrySet> REST = entrySet("write qword 1 to 7");
    private static final Program<EntrySet> MAKE = entrySet("write qword 0");

    private final ArmSmmu smmu;
    private final int sid;
    private final long[] target;
    /** The entry with the bits that hardware ignores now already as they will be. */
    private final LongArrayCell unusedUpdate;
    /** One bit for each word whose used bits differ. */
    private final IntCell difference = count();

    private SteWriter(ArmSmmu smmu, int sid, long[] target) {
        super(smmu.world());
        this.smmu = smmu;
        this.sid = sid;
        this.target = target;
        unusedUpdate = new LongArrayCell(world(), FRAME, world().nextInstance(), Ste.WORDS);
    }

    /** Writes a stream's entry; {@code target} is not changed any more. */
    static Call<SteWriter> call(ArmSmmu smmu, int sid, long[] target) {
        return new Call<>(PROGRAM, new SteWriter(smmu, sid, target));
    }

    private static Program<SteWriter> program() {
        Footprint entry = Touches.WORDS.and(Touches.DEVICE_DATA);
        return Program.<SteWriter>named("arm_smmu_write_entry")
                .step("dma_wmb", HostCost.BARRIER, Footprint.LOCAL, f -> {})
                .step("qword diff", HostCost.ATOMIC, entry, SteWriter::compare)
                .when(
                        "one critical qword: hitless",
                        f -> Integer.bitCount(f.difference.get()) == 1,
                        p -> p.step("keep the critical qword", HostCost.FREE, entry, SteWriter::keepCritical)
                                .invoke("set unused bits", f -> f.set(UNUSED, f.unused(), 0, Ste.WORDS))
                                .invoke("set the critical qword", f -> f.set(CRITICAL, f.target, f.critical(), 1))
                                .invoke("clear unused bits", f -> f.set(CLEAR, f.target, 0, Ste.WORDS)))
                .when(
                        "several qwords: breaking",
                        f -> Integer.bitCount(f.difference.get()) > 1,
                        p -> p.invoke("make invalid", f -> f.set(BREAK, new long[Ste.WORDS], 0, 1))
                                .invoke("set all but qword 0", f -> f.set(REST, f.target, 1, Ste.WORDS - 1))
                                .invoke("make valid", f -> f.set(MAKE, f.target, 0, 1)))
                .when(
                        "nothing in use changes",
                        f -> f.difference.get() == 0,
                        p -> p.invoke("set the rest", f -> f.set(CLEAR, f.target, 0, Ste.WORDS)))
                .build();
    }

    private void compare() {
        long[] entry = read();
        SteRewrite rewrite = new SteRewrite(sid, entry, target);
        smmu.checkers().tell(DescriptorWatcher.class, watcher -> watcher.rewrites(smmu.ste(sid), rewrite));
        int differs = 0;
        for (int i = 0; i < Ste.WORDS; i++) {
            long used = SteUsed.used(entry, i) & ~SteUsed.safe(entry, target, i);
            long update = entry[i] & used | target[i] & ~used;
            unusedUpdate.set(i, update);
            if ((update & SteUsed.used(target, i)) != target[i]) {
                differs |= 1 << i;
            }
        }
        difference.set(differs);
    }

    private void keepCritical() {
        unusedUpdate.set(critical(), read()[critical()]);
    }

    private int critical() {
        return Integer.numberOfTrailingZeros(difference.get());
    }

    private long[] read() {
        long[] entry = new long[Ste.WORDS];
        for (int i = 0; i < Ste.WORDS; i++) {
            entry[i] = smmu.memory().read64(smmu.ste(sid) + 8L * i);
        }
        return entry;
    }

    private long[] unused() {
        long[] words = new long[Ste.WORDS];
        for (int i = 0; i < Ste.WORDS; i++) {
            words[i] = unusedUpdate.get(i);
        }
        return words;
    }

    private Call<?> set(Program<EntrySet> program, long[] words, int start, int count) {
        return new Call<>(program, new EntrySet(smmu, sid, words, start, count));
    }

    /** {@code entry_set}: stores the words that differ, one a step, and syncs if there were any. */
    private static Program<EntrySet> entrySet(String store) {
        Footprint entry = Footprint.of(PhysicalMemory.WORD, Touches.DEVICE_DATA);
        return Program.<EntrySet>named("entry_set")
                .step("compare qwords", HostCost.FREE, entry, EntrySet::compare)
                .loop(
                        "qwords left",
                        f -> f.left.get() != 0,
                        p -> p.step(store, HostCost.TABLE_STORE, entry, EntrySet::store))
                .when(
                        "changed",
                        f -> f.changed.get() != 0,
                        p -> p.invokeIgnoringError(
                                "CFGI_STE leaf, CMD_SYNC",
                                f -> f.smmu.cmdq().issue(Cmd.cfgiSte0(f.sid), Cmd.leaf1(true))))
                .build();
    }

    /** Frame of {@link #entrySet}. */
    private static final class EntrySet extends Frame {
        final ArmSmmu smmu;
        final int sid;
        final long[] words;
        final int start;
        final int count;
        /** One bit for each word that is still to be stored. */
        final IntCell left = count();

        final IntCell changed = count();

        EntrySet(ArmSmmu smmu, int sid, long[] words, int start, int count) {
            super(smmu.world());
            this.smmu = smmu;
            this.sid = sid;
            this.words = words;
            this.start = start;
            this.count = count;
        }

        void compare() {
            for (int i = start; i < start + count; i++) {
                if (smmu.memory().read64(smmu.ste(sid) + 8L * i) != words[i]) {
                    left.set(left.get() | 1 << i);
                }
            }
            changed.set(left.get());
        }

        void store() {
            int i = Integer.numberOfTrailingZeros(left.get());
            smmu.memory().write64(smmu.ste(sid) + 8L * i, words[i]);
            left.set(left.get() & ~(1 << i));
        }
    }
}
