package org.iommusim.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.TableFormat;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes, runs and attributes of single entries, by the numbers of the architecture's tables. */
class Vmsav8GeometryTest {
    private static final long LEAF1 = Vmsav8.AF | Vmsav8.AP_UNPRIVILEGED | Vmsav8.VALID;
    private static final long LEAF2 = Vmsav8.AF | Vmsav8.S2AP_READ | Vmsav8.VALID;

    private final WalkState state = new WalkState();

    private StageParameters parameters(boolean first, int granule, int inputBits, int startLevel, int flags) {
        StageParameters p = state.parameters;
        p.format = first ? Vmsav8Stage1.INSTANCE : Vmsav8Stage2.INSTANCE;
        p.granuleShift = granule;
        p.inputBits = inputBits;
        p.startLevel = startLevel;
        p.outputBits = (flags & (Vmsav8.DS | Vmsav8.LPA_64K)) != 0 ? 52 : 48;
        p.flags = flags;
        p.extra = 0x04_ff_44L;
        return p;
    }

    private TableFormat format() {
        return state.parameters.format;
    }

    /** Takes one entry of a level for what it is. */
    private WalkAction entry(long input, int level, long descriptor) {
        state.begin(input, Access.READ);
        assertThat(format().resume(state, level, 0x1_0000, Access.both(7))).isEqualTo(WalkAction.READ);
        return format().descriptor(state, descriptor);
    }

    /** Granule, input size, start level, 52 bits; size of the start table. */
    @ParameterizedTest
    @CsvSource({
        "12, 48, 0, 0, 4096", "12, 39, 1, 0, 4096", "12, 31, 1, 0, 16", "12, 32, 1, 0, 32", "12, 31, 1, 1, 64",
        "12, 34, 1, 1, 128", "12, 33, 1, 1, 64", "14, 48, 0, 0, 16", "14, 48, 0, 1, 64", "16, 52, 1, 1, 8192",
        "12, 43, 1, 0, 65536", "14, 47, 1, 0, 16384", "16, 42, 2, 0, 65536", "12, 30, 1, 0, 16"
    })
    void shouldAlignTheStartTableToItsSize(int granule, int bits, int start, int wide, long bytes) {
        StageParameters p =
                parameters(false, granule, bits, start, wide == 0 ? 0 : granule == 16 ? Vmsav8.LPA_64K : Vmsav8.DS);
        assertThat(Vmsav8.startTableBytes(p)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "12, 3, 12",
        "12, 2, 21",
        "12, 1, 30",
        "12, 0, 39",
        "12, -1, 48",
        "14, 3, 14",
        "14, 2, 25",
        "14, 1, 36",
        "14, 0, 47",
        "16, 3, 16",
        "16, 2, 29",
        "16, 1, 42"
    })
    void shouldKnowWhatAnEntryCovers(int granule, int level, int shift) {
        for (boolean first : new boolean[] {true, false}) {
            StageParameters p = parameters(first, granule, 48, 0, 0);
            assertThat(format().levelShift(p, level)).isEqualTo(shift);
        }
    }

    /** Granule, level, number of entries in a run. */
    @ParameterizedTest
    @CsvSource({
        "12, 1, 0, 16",
        "12, 2, 0, 16",
        "12, 3, 0, 16",
        "14, 2, 0, 32",
        "14, 3, 0, 128",
        "16, 2, 0, 32",
        "16, 3, 0, 32",
        "12, 0, 1, 1",
        "14, 1, 1, 1",
        "16, 1, 2, 1"
    })
    void shouldTakeARunAtEveryLevelThatHasThem(int granule, int level, int wide, long entries) {
        int flags = wide == 1 ? Vmsav8.DS : wide == 2 ? Vmsav8.LPA_64K : 0;
        for (boolean first : new boolean[] {true, false}) {
            parameters(
                    first,
                    granule,
                    wide == 0 ? 48 : 52,
                    wide == 1 && granule == 12 ? -1 : granule == 16 ? 1 : 0,
                    flags);
            int shift = Vmsav8.levelShift(granule, level);
            long type = level == 3 ? Vmsav8.TABLE : 0;
            long number = entries - 1;
            long output = (3 * entries + number) << shift;
            long input = (5 * entries + number) << shift;
            assertThat(entry(input | 5, level, output | (first ? LEAF1 : LEAF2) | type | Vmsav8.CONTIGUOUS))
                    .isEqualTo(WalkAction.LEAF);
            assertThat(1L << state.pageShift).isEqualTo(entries << shift);
            assertThat(state.output()).isEqualTo(output | 5);
            assertThat(state.outputBase).isEqualTo((3 * entries) << shift | (entries == 1 ? output : 0));
        }
    }

    @Test
    void shouldTakeARunThatIsAllOfTheInput() {
        parameters(true, 12, 34, 1, 0);
        assertThat(entry(3L << 30, 1, 3L << 30 | LEAF1 | Vmsav8.CONTIGUOUS)).isEqualTo(WalkAction.LEAF);
        assertThat(state.pageShift).isEqualTo(34);
        state.parameters.inputBits = 33;
        assertThat(entry(3L << 30, 1, 3L << 30 | LEAF1 | Vmsav8.CONTIGUOUS)).isEqualTo(WalkAction.LEAF);
        assertThat(state.pageShift).isEqualTo(30);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldTakeTheShareabilityOfTheEntryOrOfTheConfiguration(int shareability) {
        for (boolean first : new boolean[] {true, false}) {
            long leaf = (first ? LEAF1 : LEAF2) | Vmsav8.TABLE;
            parameters(first, 12, 48, 0, 0);
            assertThat(entry(0, 3, leaf | (long) shareability << 8)).isEqualTo(WalkAction.LEAF);
            assertThat(state.attributes >>> 8 & 3).isEqualTo(shareability);

            parameters(first, 12, 48, 0, Vmsav8.DS | shareability << Vmsav8.SH_SHIFT);
            assertThat(entry(0, 3, leaf | 1 << 8)).isEqualTo(WalkAction.LEAF);
            assertThat(state.attributes >>> 8 & 3).isEqualTo(shareability);
            assertThat(state.outputBase).as("bits 9:8 are of the address").isEqualTo(1L << 50);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRefuseATableBeyondTheOutputSize(boolean first) {
        parameters(first, 12, 48, 0, 0).outputBits = 40;
        assertThat(entry(0, 0, (1L << 40) - 4096 | Vmsav8.VALID | Vmsav8.TABLE)).isEqualTo(WalkAction.READ);
        assertThat(entry(0, 0, 1L << 40 | Vmsav8.VALID | Vmsav8.TABLE)).isEqualTo(WalkAction.FAULT);
        assertThat(state.fault).isEqualTo(WalkFault.ADDRESS_SIZE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRefuseToResumeOutsideOfTheInputRange(boolean first) {
        parameters(first, 12, 40, 0, 0);
        state.begin(1L << 40, Access.READ);
        assertThat(format().resume(state, 3, 0x1_0000, Access.both(7))).isEqualTo(WalkAction.FAULT);
        assertThat(state.fault).isEqualTo(WalkFault.INPUT_RANGE);
        state.begin((1L << 40) - 1, Access.READ);
        assertThat(format().resume(state, 3, 0x1_0000, Access.both(7))).isEqualTo(WalkAction.READ);
    }

    @Test
    void shouldNotWalkADisabledHalf() {
        parameters(true, 12, 40, 0, Vmsav8.EPD);
        state.begin(0, Access.READ);
        assertThat(format().start(state)).isEqualTo(WalkAction.FAULT);
        assertThat(state.fault).isEqualTo(WalkFault.INPUT_RANGE);
        state.begin(0, Access.READ);
        assertThat(format().resume(state, 3, 0x1_0000, Access.both(7))).isEqualTo(WalkAction.FAULT);
    }

    /** MemAttr[3:2]=0 is Device; with FWB, MemAttr[2]=0. */
    @Test
    void shouldKnowDeviceMemoryOfStage2ByItsCode() {
        for (int code = 0; code < 16; code++) {
            assertThat(Vmsav8Stage2.device(code)).as("%x", code).isEqualTo(code < 4);
            assertThat(Vmsav8Stage2.device(code | Vmsav8Stage2.ATTRIBUTE_FWB))
                    .as("FWB %x", code)
                    .isEqualTo((code & 7) < 4);
        }
    }

    @Test
    void shouldHaveNames() {
        assertThat(Vmsav8Stage1.INSTANCE.name()).isEqualTo("VMSAv8-64 stage 1");
        assertThat(Vmsav8Stage2.INSTANCE.name()).isEqualTo("VMSAv8-64 stage 2");
    }
}
