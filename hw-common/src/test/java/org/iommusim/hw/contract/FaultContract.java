package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.contract.FaultSeen.Kind;
import org.iommusim.hw.dma.DmaRequest;
import org.junit.jupiter.api.Test;

/** What is recorded of a request that is refused: once, who it was, where, and what it wanted; and what becomes of too many. */
public abstract class FaultContract extends Contract {
    protected FaultContract(Vendor vendor) {
        super(vendor);
    }

    private FaultSeen expected(Kind kind, int function, int pasid, long address, boolean write) {
        Kind told = kind == Kind.FORBIDDEN && bed.differs(Difference.ABSENT_IS_FORBIDDEN) ? Kind.ABSENT : kind;
        long mask = bed.differs(Difference.FAULTS_BY_PAGE) ? -PAGE : -1;
        return new FaultSeen(told, function, pasid, address & mask, write);
    }

    private void refused(DmaRequest request, Kind kind) {
        isRefused(request);
        assertThat(bed.faults().take())
                .containsExactly(
                        expected(kind, request.requesterId(), request.pasid(), request.iova(), request.write()));
    }

    @Test
    void shouldRecordAnAbsentPage() {
        attached(1).map(IOVA, OLD);
        refused(read(IOVA + PAGE + 0x128), Kind.ABSENT);
        refused(write(FUNCTION, NONE, IOVA + 2 * PAGE), Kind.ABSENT);
        refused(read(IOVA + 0x4000_0000L), Kind.ABSENT);
    }

    @Test
    void shouldRecordAForbiddenAccess() {
        attached(1).map(IOVA, OLD, Space.SMALL, false);
        reads(IOVA, OLD);
        assertThat(bed.faults().take()).isEmpty();
        refused(write(FUNCTION, NONE, IOVA + 0x18), Kind.FORBIDDEN);
        reads(IOVA, OLD);
        assertThat(bed.faults().take()).isEmpty();
    }

    @Test
    void shouldRecordThePasid() {
        attached(1);
        if (bed.differs(Difference.NO_PASIDS)) {
            isRefused(read(FUNCTION, 1, IOVA));
            return;
        }
        Space space = bed.space(2);
        bed.attach(FUNCTION, 1, space);
        space.map(IOVA, OLD, Space.SMALL, false);
        refused(read(FUNCTION, 1, IOVA + PAGE), Kind.ABSENT);
        refused(write(FUNCTION, 1, IOVA), Kind.FORBIDDEN);
    }

    @Test
    void shouldRecordWhatAnEntryRefuses() {
        attached(1);
        bed.block(OTHER);
        DmaRequest request = write(OTHER, NONE, IOVA + 0x128);
        isRefused(request);
        if (bed.differs(Difference.BLOCKS_SILENTLY)) {
            assertThat(bed.faults().take()).isEmpty();
        } else {
            assertThat(bed.faults().take())
                    .containsExactly(
                            bed.differs(Difference.ENTRY_FAULTS_AS_PAGES)
                                    ? expected(Kind.ABSENT, OTHER, NONE, IOVA + 0x128, true)
                                    : entryFault(OTHER, IOVA + 0x128));
        }
    }

    @Test
    void shouldRecordStrangers() {
        attached(1);
        isRefused(write(bed.stranger(), NONE, IOVA));
        assertThat(bed.faults().take()).containsExactly(entryFault(bed.stranger(), IOVA));
    }

    private FaultSeen entryFault(int function, long address) {
        return bed.differs(Difference.ENTRY_FAULTS_WITHOUT_ACCESS)
                ? new FaultSeen(Kind.ENTRY, function, NONE, -1, false)
                : expected(Kind.ENTRY, function, NONE, address, true);
    }

    @Test
    void shouldRecordFaultsInOrder() {
        Space space = attached(1);
        List<FaultSeen> all = new ArrayList<>();
        for (int function = 1; function <= 4; function++) {
            bed.attach(function, space);
            machine.issue(machine.request(function, NONE, IOVA + function * PAGE, true));
            machine.run();
            all.add(expected(Kind.ABSENT, function, NONE, IOVA + function * PAGE, true));
        }
        assertThat(bed.faults().take()).isEqualTo(all);
        assertThat(bed.faults().lost()).isFalse();
    }

    @Test
    void shouldRecordEachOfManyFaultsOfAFunction() {
        attached(1);
        for (int i = 0; i < 3; i++) {
            isRefused(read(IOVA + i * PAGE));
        }
        assertThat(bed.faults().take()).hasSize(bed.differs(Difference.COLLAPSES_FAULTS) ? 1 : 3);
        isRefused(read(IOVA));
        assertThat(bed.faults().take()).as("after the record is taken").hasSize(1);
    }

    @Test
    void shouldTellSoftware() {
        attached(1);
        machine.interrupts.clear();
        isRefused(read(IOVA));
        assertThat(machine.interrupts).hasSize(1);
    }

    /** Refused is refused, whether there is room for a record or not. */
    @Test
    void shouldLoseTheLastAndRecover() {
        Space space = attached(1);
        int room = bed.faults().room();
        for (int function = 1; function <= room + 2; function++) {
            assertThat(bed.faults().lost()).isEqualTo(function > room + 1);
            bed.attach(function, space);
            isRefused(read(function, NONE, IOVA));
        }
        assertThat(bed.faults().lost()).isTrue();
        List<FaultSeen> kept = bed.faults().take();
        assertThat(kept).extracting(FaultSeen::function).first().isEqualTo(1);
        assertThat(kept).extracting(FaultSeen::function).last().isEqualTo(room);
        assertThat(kept).hasSize(room);
        bed.faults().recover();
        assertThat(bed.faults().lost()).isFalse();
        bed.attach(FUNCTION, space);
        refused(read(IOVA), Kind.ABSENT);
    }
}
