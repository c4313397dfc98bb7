package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkCacheShape;
import org.iommusim.hw.walk.WalkEngine;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a walk can fail, through the walk engine, and the reason that it has. */
class FaultReasonsTest {
    private static final long INPUT = 0x12_3456_7000L;
    private static final long GUEST = 0x5678_9000L;
    private static final long HOST = 0x1abc_d000L;
    private static final long FIRST = 0x10_0000;
    private static final long SECOND = 0x20_0000;
    private static final long NOWHERE = 0x20_0000_0000L;
    private static final long ALL = SsPte.R | SsPte.W;

    private final Simulation sim = Simulation.seeded(1).build();
    private final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
    private final BusFaults bus = new BusFaults(sim.world());
    private final TranslationConfig config = new TranslationConfig();
    private final WalkEngine engine;
    private final Walk walk;
    private LongModeTables first;
    private LongModeTables second;

    FaultReasonsTest() {
        memory.addRam(0, 1L << 32, PageOwner.UNTRACKED);
        MemoryPort port = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(1000));
        RequestPort requests =
                new RequestPort(sim.scheduler(), "port", ClockDomain.GHZ_1, 16, WakeRule.HAND_OVER, port);
        requests.faults(bus);
        engine = new WalkEngine(
                sim,
                "walker",
                ClockDomain.GHZ_1,
                requests,
                memory,
                WalkCacheShape.NONE,
                null,
                WakeRule.HAND_OVER,
                null);
        walk = engine.newWalk(sim.scheduler().newLane("walk", Phase.HARDWARE), (op, arg) -> {}, 0, 0);
    }

    private void legacy() {
        long[] words = ContextEntry.present(ContextEntry.TT_UNTRANSLATED, SECOND, 4, 1);
        ContextDecoder.decode(words, Units.full(), Units.HAW, config);
        second = new LongModeTables(memory, config.stage2, SsPte.table(0), SECOND, 0);
        second.map(INPUT, 1, HOST, ALL);
    }

    private void scalable(long[] words) {
        assertThat(PasidDecoder.decode(words, Units.full(), Units.HAW, config)).isZero();
        if (config.second()) {
            second = new LongModeTables(memory, config.stage2, SsPte.table(0), SECOND, 0);
            second.map(config.first() ? GUEST : INPUT, 1, HOST, ALL);
        }
        if (config.first()) {
            first = new LongModeTables(memory, config.stage1, X86Pte.table(0), FIRST, 0);
            first.map(INPUT, 1, config.second() ? GUEST : HOST, X86Pte.page(0, true));
        }
        for (long page = 0; config.kind == TranslationConfig.NESTED && page < 16; page++) {
            second.map(FIRST + page * 4096, 1, FIRST + page * 4096, ALL);
        }
    }

    private static long[] secondStage() {
        return PasidEntry.secondStage(SECOND, 4, 1);
    }

    private static long[] firstStage() {
        return PasidEntry.firstStage(FIRST, 4, 1);
    }

    private static long[] nested() {
        return PasidEntry.nested(secondStage(), FIRST, 4, 1);
    }

    private void xor(long at, long bits) {
        memory.write64(at, memory.read64(at) ^ bits);
    }

    private int reason(long address, int access) {
        walk.stage1().copyFrom(config.stage1);
        walk.stage2().copyFrom(config.stage2);
        engine.translate(walk, address, access);
        sim.scheduler().run();
        return walk.fault() == WalkFault.NONE ? 0 : FaultReasons.of(config, walk, access);
    }

    private int read() {
        return reason(INPUT, Access.READ);
    }

    private int write() {
        return reason(INPUT, Access.WRITE);
    }

    @Test
    void shouldNameFaultsOfLegacyMode() {
        legacy();
        assertThat(write()).isZero();
        assertThat(reason(1L << 48, Access.READ)).isEqualTo(FaultReason.BEYOND_MGAW);
        xor(second.entry(INPUT, 2, 0), SsPte.R);
        assertThat(read()).isEqualTo(FaultReason.NO_READ);
        assertThat(reason(INPUT, Access.EXECUTE)).isEqualTo(FaultReason.NO_READ);
        xor(second.entry(INPUT, 2, 0), ALL);
        assertThat(write()).isEqualTo(FaultReason.NO_WRITE);
        assertThat(reason(INPUT, Access.READ | Access.WRITE)).isEqualTo(FaultReason.NO_WRITE);
        xor(second.entry(INPUT, 3, 0), SsPte.TM);
        assertThat(read()).isEqualTo(FaultReason.SS_RESERVED);
        bus.abortReads(second.entry(INPUT, 4, 0), 8);
        assertThat(read()).isEqualTo(FaultReason.SS_ACCESS);
    }

    @Test
    void shouldNameFaultsOfTheSecondStage() {
        scalable(secondStage());
        assertThat(write()).isZero();
        assertThat(reason(1L << 48, Access.READ)).isEqualTo(FaultReason.SM_BEYOND_MGAW);
        xor(second.entry(INPUT, 1, 0), SsPte.W);
        assertThat(write()).isEqualTo(FaultReason.SM_NO_WRITE);
        xor(second.entry(INPUT, 1, 0), ALL);
        assertThat(read()).isEqualTo(FaultReason.SM_NO_READ);
        xor(second.entry(INPUT, 2, 0), SsPte.SNP);
        assertThat(read()).isEqualTo(FaultReason.SM_SS_RESERVED);
        xor(second.entry(INPUT, 3, 0), NOWHERE);
        assertThat(read()).isEqualTo(FaultReason.SM_SS_ACCESS);
        config.stage2.root = NOWHERE;
        assertThat(read()).isEqualTo(FaultReason.SM_SS_ACCESS);
    }

    @Test
    void shouldNameFaultsOfExecution() {
        long[] words = secondStage();
        PasidEntry.SSEE.put(words, 1);
        scalable(words);
        assertThat(reason(INPUT, Access.EXECUTE)).isEqualTo(FaultReason.SM_NO_EXECUTE);
        words = firstStage();
        PasidEntry.NXE.put(words, 1);
        scalable(words);
        xor(first.entry(INPUT, 3, 0), X86Pte.XD);
        assertThat(reason(INPUT, Access.EXECUTE)).isEqualTo(FaultReason.SM_NO_EXECUTE);
    }

    @Test
    void shouldNameFaultsOfTheFirstStage() {
        scalable(firstStage());
        assertThat(write()).isZero();
        assertThat(reason(1L << 47, Access.READ)).isEqualTo(FaultReason.FS_NOT_CANONICAL);
        xor(first.entry(INPUT, 1, 0), X86Pte.RW);
        assertThat(write()).isEqualTo(FaultReason.SM_NO_WRITE);
        xor(first.entry(INPUT, 2, 0), X86Pte.US);
        assertThat(write()).isEqualTo(FaultReason.FS_PRIVILEGE);
        xor(first.entry(INPUT, 3, 0), 1L << Units.HAW);
        assertThat(read()).isEqualTo(FaultReason.FS_RESERVED);
        xor(first.entry(INPUT, 3, 0), X86Pte.P);
        assertThat(read()).isEqualTo(FaultReason.FS_NOT_PRESENT);
        xor(first.entry(INPUT, 4, 0), NOWHERE);
        assertThat(read()).isEqualTo(FaultReason.FS_ACCESS);
        config.stage1.root = NOWHERE;
        assertThat(read()).isEqualTo(FaultReason.FSPTPTR_ACCESS);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 3, 2, 1})
    void shouldNameAnUpdateOfTheFirstStageThatTheBusRefuses(int level) {
        scalable(firstStage());
        bus.abortWrites(first.entry(INPUT, level, 0), 8);
        assertThat(read()).isEqualTo(FaultReason.FS_UPDATE);
    }

    @Test
    void shouldNameAnUpdateOfTheSecondStageThatTheBusRefuses() {
        long[] words = secondStage();
        PasidEntry.SSADE.put(words, 1);
        scalable(words);
        bus.abortWrites(second.entry(INPUT, 1, 0), 8);
        assertThat(read()).isEqualTo(FaultReason.SS_UPDATE);
    }

    @Test
    void shouldNameFaultsOfNestedTranslation() {
        scalable(nested());
        assertThat(write()).isZero();
        xor(second.entry(GUEST, 1, 0), SsPte.W);
        assertThat(write()).isEqualTo(FaultReason.SM_SS_PERMISSION);
        first.map(INPUT, 1, 1L << 48, X86Pte.page(0, true));
        assertThat(read()).isEqualTo(FaultReason.SM_SS_RANGE);
        first.map(INPUT, 2, 1L << 48, X86Pte.table(0));
        assertThat(read()).isEqualTo(FaultReason.FS_BEYOND_MGAW);
        xor(second.entry(FIRST, 1, 0), SsPte.TM | SsPte.SNP | 1L << Units.HAW);
        assertThat(read()).isEqualTo(FaultReason.SM_SS_RESERVED);
    }

    @Test
    void shouldNameATranslationThatIsOfNoUse() {
        scalable(nested());
        memory.write64(first.entry(INPUT, 1, 0), X86Pte.page(GUEST, false));
        walk.anyOf(Access.WRITE);
        assertThat(reason(INPUT, 0)).isEqualTo(FaultReason.SM_NO_READ);
        assertThat(reason(INPUT, Access.READ | Access.EXECUTE)).isEqualTo(FaultReason.SM_NO_READ);
        assertThat(read()).isEqualTo(FaultReason.SM_NO_READ);
    }

    @Test
    void shouldNameTablesThatTheSecondStageRefuses() {
        scalable(nested());
        long tableOfPages = memory.read64(first.entry(INPUT, 2, 0)) & X86Pte.ADDRESS;
        xor(second.entry(tableOfPages, 1, 0), SsPte.R);
        assertThat(read()).isEqualTo(FaultReason.FS_SS_READ);
        xor(second.entry(FIRST, 1, 0), SsPte.R);
        assertThat(read()).isEqualTo(FaultReason.FSPTPTR_SS);
    }

    @Test
    @Rule("VTD-AD-08")
    void shouldNameTablesThatTheSecondStageWillNotHaveWritten() {
        scalable(nested());
        xor(second.entry(FIRST, 1, 0), SsPte.W);
        assertThat(read()).isEqualTo(FaultReason.FS_SS_WRITE);
        xor(first.entry(INPUT, 4, 0), X86Pte.A); // nothing is left to write there
        assertThat(read()).isZero();
    }

    /** Setting the accessed flag of a guest's entry makes the page of its table dirty. */
    @Test
    @Rule("VTD-AD-09")
    void shouldMarkTheGuestsTablesDirtyWhenItMarksTheirEntriesAccessed() {
        long[] words = nested();
        PasidEntry.SSADE.put(words, 1);
        scalable(words);
        assertThat(read()).isZero();
        assertThat(memory.read64(first.entry(INPUT, 4, 0)) & X86Pte.A).isEqualTo(X86Pte.A);
        assertThat(memory.read64(second.entry(FIRST, 1, 0)) & (SsPte.A | SsPte.D))
                .isEqualTo(SsPte.A | SsPte.D);
        assertThat(memory.read64(second.entry(GUEST, 1, 0)) & (SsPte.A | SsPte.D))
                .isEqualTo(SsPte.A);
        assertThat(write()).isZero();
        assertThat(memory.read64(second.entry(GUEST, 1, 0)) & SsPte.D).isEqualTo(SsPte.D);
    }
}
