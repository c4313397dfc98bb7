package org.iommusim.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.ReferenceOutcome;
import org.iommusim.hw.walk.ReferenceWalker;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.TableFormat;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Vmsav8Test {
    private static final long TABLES = 0x1000_0000L;
    private static final int RANDOM_TABLES = 400;
    private static final int ACCESSES = 60;

    private final Simulation sim = Simulation.seeded(1).build();
    private final WalkState state = new WalkState();
    private PhysicalMemory memory = freshMemory();

    private PhysicalMemory freshMemory() {
        PhysicalMemory fresh = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
        fresh.addRam(0, 0x8000_0000L, PageOwner.UNTRACKED);
        return fresh;
    }

    /** Runs a format with all reads and updates done at once. */
    private WalkAction walk(TableFormat format, StageParameters p, long address, int access) {
        state.parameters.copyFrom(p);
        state.begin(address, access);
        WalkAction action = format.start(state);
        for (int steps = 0; action == WalkAction.READ || action == WalkAction.UPDATE; steps++) {
            assertThat(steps).as("steps of a walk").isLessThan(20);
            if (action == WalkAction.UPDATE) {
                if (memory.read64(state.updateAddress) == state.updateExpected) {
                    memory.write64(state.updateAddress, state.updateValue);
                }
                action = format.descriptor(state, memory.read64(state.updateAddress));
            } else {
                assertThat(state.readBytes).isEqualTo(8);
                action = format.descriptor(state, memory.read64(state.readAddress));
            }
        }
        return action;
    }

    private static StageParameters stage1(int granule, int inputBits, int outputBits, int flags) {
        StageParameters p = new StageParameters();
        p.format = Vmsav8Stage1.INSTANCE;
        p.granuleShift = granule;
        p.inputBits = inputBits;
        p.startLevel = 4 - (inputBits - 4) / (granule - 3);
        p.outputBits = outputBits;
        p.flags = flags;
        p.extra = 0x04_ff_44L;
        return p;
    }

    private static StageParameters random(Gen gen, boolean first) {
        int granule = gen.pick(List.of(12, 14, 16));
        boolean ds = granule != 16 && gen.oneIn(3);
        int inputBits = (int) gen.between(25, granule == 16 || ds ? 52 : 48);
        int outputBits = gen.pick(List.of(32, 36, 40, 48));
        int flags = (int) gen.bits()
                & (Vmsav8.AFFD | Vmsav8.HA | Vmsav8.HD | Vmsav8.HIGH | Vmsav8.TBI | Vmsav8.HAD | Vmsav8.WXN);
        flags |= gen.oneIn(4) ? Vmsav8.PAN : 0;
        flags |= gen.oneIn(2) ? Vmsav8.XNX : 0;
        if (gen.oneIn(6)) {
            flags = flags & ~Vmsav8.PAN | Vmsav8.EL2; // a regime without privileges has no PAN
        }
        if ((flags & Vmsav8.HA) == 0) {
            flags &= ~Vmsav8.HD;
        }
        if (granule == 16 && gen.oneIn(3)) {
            flags |= Vmsav8.LPA_64K;
            outputBits = 52;
        }
        if (ds) {
            flags |= Vmsav8.DS | gen.below(4) << Vmsav8.SH_SHIFT;
            outputBits = 52;
        }
        StageParameters p = stage1(granule, inputBits, outputBits, flags);
        if (!first) {
            p.format = Vmsav8Stage2.INSTANCE;
            p.flags &= ~(Vmsav8.HIGH | Vmsav8.TBI);
            // Any start level that resolves at least one bit with at most 16 concatenated tables.
            int bits;
            do {
                p.startLevel = gen.below(5) - 1;
                bits = inputBits - granule - (3 - p.startLevel) * (granule - 3);
            } while (bits < 1 || bits > granule - 3 + 4);
        }
        return p;
    }

    /** Maps a few places, most of them legally. */
    private long[] fill(Gen gen, StageParameters p, boolean first) {
        TableBuilder builder = new TableBuilder(memory, p, TABLES);
        long[] inputs = new long[6];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = gen.bits() >>> 64 - p.inputBits;
            int level = (int) gen.between(Math.max(p.startLevel, gen.oneIn(3) ? -1 : 2), 3);
            long bits = gen.bits() & 0x007f_0000_0000_0ffcL & ~Vmsav8.CONTIGUOUS;
            bits |= gen.oneIn(8) ? 0 : Vmsav8.AF;
            long output = gen.bits() >>> 64 - Math.min(48, p.outputBits + (gen.oneIn(8) ? 4 : 0));
            output &= -1L << p.granuleShift;
            if ((p.flags & Vmsav8.DS) != 0) {
                bits |= (long) gen.below(4) << 8 | (long) gen.below(4) << 48;
            }
            if ((p.flags & Vmsav8.LPA_64K) != 0) {
                output |= gen.below(16) << 12;
            }
            long type = level == 3 ? gen.oneIn(10) ? gen.below(4) : 3 : gen.oneIn(10) ? 0 : 1;
            long above = first && gen.oneIn(3) ? (long) gen.below(16) << 59 : 0;
            memory.write64(builder.entry(inputs[i], level, above), output | bits | type);
        }
        return inputs;
    }

    private static long address(Gen gen, StageParameters p, long[] inputs) {
        long address = inputs[gen.below(inputs.length)];
        address ^= gen.oneIn(2) ? gen.magnitude(p.inputBits - 8) : 0;
        if ((p.flags & Vmsav8.HIGH) != 0) {
            address |= -1L << p.inputBits;
        }
        address ^= gen.oneIn(12) ? 1L << gen.below(64) : 0;
        return gen.oneIn(6) ? address ^ gen.bits() << 56 : address;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldAgreeWithANaiveWalkerOnRandomTables(boolean first) {
        int[] outcomes = new int[WalkFault.values().length];
        for (long seed = 1; seed <= RANDOM_TABLES; seed++) {
            Gen gen = new Gen(seed);
            StageParameters p = random(gen, first);
            memory = freshMemory();
            long[] inputs = fill(gen, p, first);
            for (int i = 0; i < ACCESSES; i++) {
                long address = address(gen, p, inputs);
                boolean execute = gen.oneIn(3);
                boolean write = !execute && gen.oneIn(2);
                boolean privileged = gen.oneIn(3);
                int access = ReferenceWalker.bits(write, execute, privileged);
                NaiveWalker naive = new NaiveWalker(memory, p, first);
                ReferenceOutcome wanted = naive.access(address, write, execute, privileged);
                String what = "seed " + seed + " address " + Long.toHexString(address) + " access " + access
                        + " wanted " + wanted;

                WalkAction action = walk(p.format, p, address, access);

                outcomes[wanted.fault().ordinal()]++;
                assertThat(state.level).as(what).isEqualTo(wanted.level());
                if (wanted.fault() == WalkFault.NONE) {
                    assertThat(action).as(what).isEqualTo(WalkAction.LEAF);
                    assertThat(state.output()).as(what).isEqualTo(wanted.output());
                    assertThat(state.global).as(what).isEqualTo(wanted.global());
                    assertThat(Access.allowed(state.permissions, access))
                            .as(what)
                            .isTrue();
                } else {
                    assertThat(action).as(what).isEqualTo(WalkAction.FAULT);
                    assertThat(state.fault).as(what).isEqualTo(wanted.fault());
                }
                naive.words()
                        .forEach((at, word) ->
                                assertThat(memory.read64(at)).as(what).isEqualTo(word));
            }
        }
        for (WalkFault fault : List.of(
                WalkFault.NONE,
                WalkFault.INPUT_RANGE,
                WalkFault.TRANSLATION,
                WalkFault.ADDRESS_SIZE,
                WalkFault.ACCESS_FLAG,
                WalkFault.PERMISSION)) {
            assertThat(outcomes[fault.ordinal()]).as(fault.name()).isGreaterThan(100);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void shouldResumeInTheMiddle(int granule) {
        StageParameters p = stage1(granule, 48, 48, 0);
        TableBuilder builder = new TableBuilder(memory, p, TABLES);
        long input = 0x1234_5678_9abcL;
        builder.map(input, 3, 0x5555_0000L, Vmsav8.AF | Vmsav8.AP_UNPRIVILEGED);
        assertThat(walk(p.format, p, input, Access.READ)).isEqualTo(WalkAction.LEAF);
        long output = state.output();
        long lastTable = state.table;

        state.parameters.copyFrom(p);
        state.begin(input, Access.READ);
        int readOnly = Access.both(Access.READ);
        assertThat(p.format.resume(state, 3, lastTable, readOnly)).isEqualTo(WalkAction.READ);
        assertThat(p.format.descriptor(state, memory.read64(state.readAddress))).isEqualTo(WalkAction.LEAF);
        assertThat(state.output()).isEqualTo(output);
        assertThat(state.permissions).isEqualTo(readOnly);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void shouldTakeARunOfContiguousEntriesAsOnePage(int granule) {
        StageParameters p = stage1(granule, 48, 48, 0);
        TableBuilder builder = new TableBuilder(memory, p, TABLES);
        int run = granule == 12 ? 16 : granule == 14 ? 128 : 32;
        long page = 1L << granule;
        long bits = Vmsav8.AF | Vmsav8.AP_UNPRIVILEGED | Vmsav8.CONTIGUOUS;
        for (int i = 0; i < run; i++) {
            builder.map(run * page + i * page, 3, 4 * run * page + i * page, bits);
        }
        long input = run * page + 3 * page + 5;
        assertThat(walk(p.format, p, input, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(1L << state.pageShift).isEqualTo(run * page);
        assertThat(state.output()).isEqualTo(4 * run * page + 3 * page + 5);

        // A hint that is not true is not followed.
        builder.map(input, 3, 8 * page, bits);
        assertThat(walk(p.format, p, input, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(state.pageShift).isEqualTo(granule);
        assertThat(state.output()).isEqualTo(8 * page + 5);
    }

    @Test
    @Rule("SMMU-HTTU-17")
    void shouldLookAgainIfAnUpdateFindsAnotherWord() {
        StageParameters p = stage1(12, 48, 48, Vmsav8.HA | Vmsav8.HD);
        TableBuilder builder = new TableBuilder(memory, p, TABLES);
        builder.map(0x5000, 3, 0x7000, Vmsav8.AP_UNPRIVILEGED);
        state.parameters.copyFrom(p);
        state.begin(0x5000, Access.READ);
        WalkAction action = p.format.start(state);
        while (action == WalkAction.READ) {
            action = p.format.descriptor(state, memory.read64(state.readAddress));
        }
        assertThat(action).isEqualTo(WalkAction.UPDATE);
        assertThat(state.updateValue).isEqualTo(state.updateExpected | Vmsav8.AF);

        assertThat(p.format.descriptor(state, 0)).isEqualTo(WalkAction.FAULT); // somebody unmapped it
        assertThat(state.fault).isEqualTo(WalkFault.TRANSLATION);
    }

    @Test
    void shouldNotGrantWritesToCleanPagesBeforeTheFirstWrite() {
        StageParameters p = stage1(12, 48, 48, Vmsav8.HA | Vmsav8.HD);
        TableBuilder builder = new TableBuilder(memory, p, TABLES);
        builder.map(0, 3, 0x7000, Vmsav8.AP_UNPRIVILEGED | Vmsav8.AF | Vmsav8.DBM | Vmsav8.AP_READ_ONLY);

        assertThat(walk(p.format, p, 0, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(Access.allowed(state.permissions, Access.WRITE)).isFalse();
        assertThat(walk(p.format, p, 0, Access.WRITE)).isEqualTo(WalkAction.LEAF);
        assertThat(Access.allowed(state.permissions, Access.WRITE)).isTrue();
        assertThat(memory.read64(builder.entry(0, 3, 0)) & Vmsav8.AP_READ_ONLY).isZero();
    }

    /** What may be executed depends on who may write, and a clean page may be written: it must not change with its state. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule("SMMU-HTTU-21")
    void shouldNotLetACleanPageBeExecutedThatADirtyOneMayNot(boolean wxn) {
        StageParameters p = stage1(12, 48, 48, Vmsav8.HA | Vmsav8.HD | (wxn ? Vmsav8.WXN : 0));
        TableBuilder builder = new TableBuilder(memory, p, TABLES);
        int access = wxn ? Access.EXECUTE : Access.EXECUTE | Access.PRIVILEGED;
        long clean = Vmsav8.AP_UNPRIVILEGED | Vmsav8.AF | Vmsav8.DBM | Vmsav8.AP_READ_ONLY;
        builder.map(0, 3, 0x7000, clean);
        builder.map(0x1000, 3, 0x7000, clean & ~Vmsav8.DBM);

        assertThat(walk(p.format, p, 0, access)).isEqualTo(WalkAction.FAULT);
        assertThat(state.fault).isEqualTo(WalkFault.PERMISSION);
        assertThat(walk(p.format, p, 0, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(Access.allowed(state.permissions, access)).isFalse();
        assertThat(memory.read64(builder.entry(0, 3, 0)) & Vmsav8.AP_READ_ONLY).isNotZero();
        assertThat(walk(p.format, p, 0x1000, access)).isEqualTo(WalkAction.LEAF);
    }

    @Test
    void shouldReadBigEndianTables() {
        StageParameters p = stage1(12, 39, 48, Vmsav8.BIG_ENDIAN);
        p.root = TABLES;
        memory.write64(TABLES, Long.reverseBytes(0x4000_0000L | 1 | Vmsav8.AF | Vmsav8.AP_UNPRIVILEGED));

        assertThat(walk(p.format, p, 0x1234, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(state.output()).isEqualTo(0x4000_1234L);
        assertThat(state.pageShift).isEqualTo(30);
    }

    @Test
    void shouldHandOnMemoryTypes() {
        StageParameters p = stage1(12, 48, 48, 0);
        TableBuilder builder = new TableBuilder(memory, p, TABLES);
        builder.map(0, 3, 0x7000, Vmsav8.AF | Vmsav8.AP_UNPRIVILEGED | 1 << 2 | 3 << 8);
        assertThat(walk(p.format, p, 0, Access.READ)).isEqualTo(WalkAction.LEAF);
        assertThat(state.attributes).isEqualTo(0xff | 3 << 8);
        assertThat(Vmsav8Stage2.device(0xf)).isFalse();
        assertThat(Vmsav8Stage2.device(0x1)).isTrue();
        assertThat(Vmsav8Stage2.device(Vmsav8Stage2.ATTRIBUTE_FWB | 0x6)).isFalse();
        assertThat(Vmsav8Stage2.device(Vmsav8Stage2.ATTRIBUTE_FWB | 0x1)).isTrue();
    }
}
