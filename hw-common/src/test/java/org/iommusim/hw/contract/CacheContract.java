package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaRequest;
import org.junit.jupiter.api.Test;

/**
 * What is cached, and what an invalidation takes away: exactly what it names, since nothing else disturbs these few entries.
 * A page that has moved without an invalidation is found where it was; that is how a test sees what is cached.
 */
public abstract class CacheContract extends Contract {
    private static final int PAGES = 8;

    protected CacheContract(Vendor vendor) {
        super(vendor);
    }

    private static void moveAll(Space space, long target) {
        for (int page = 0; page < PAGES; page++) {
            space.map(IOVA + page * PAGE, target + page * PAGE);
        }
    }

    /** A bit for each page that is found where it was moved to. */
    private int moved(int function, int pasid) {
        int moved = 0;
        for (int page = 0; page < PAGES; page++) {
            DmaRequest request = read(function, pasid, IOVA + page * PAGE);
            long base = request.physicalAddress() - page * PAGE;
            assertThat(base).isIn(OLD, NEW);
            moved |= base == NEW ? 1 << page : 0;
        }
        return moved;
    }

    private int moved() {
        return moved(FUNCTION, NONE);
    }

    /** A space whose pages are all cached and have all moved since. */
    private Space stale(int tag, int function) {
        Space space = bed.space(tag);
        bed.attach(function, space);
        return moving(space, function, NONE);
    }

    private Space moving(Space space, int function, int pasid) {
        moveAll(space, OLD);
        assertThat(moved(function, pasid)).isZero();
        moveAll(space, NEW);
        assertThat(moved(function, pasid)).as("all pages are cached").isZero();
        return space;
    }

    @Test
    void shouldHitAfterAMiss() {
        attached(1).map(IOVA, OLD);
        reads(IOVA, OLD);
        long before = machine.port.accesses();
        DmaRequest again = read(IOVA + 8);
        assertThat(again.physicalAddress()).isEqualTo(OLD + 8);
        assertThat(again.misses()).isZero();
        assertThat(machine.port.accesses()).as("nothing is read from memory").isEqualTo(before);
    }

    @Test
    void shouldForgetOnePage() {
        bed.enable();
        Space space = stale(1, FUNCTION);
        bed.invalidatePages(space, IOVA + 3 * PAGE, 0);
        complete();
        assertThat(moved()).isEqualTo(0b1000);
    }

    @Test
    void shouldForgetARange() {
        bed.enable();
        Space space = stale(1, FUNCTION);
        bed.invalidatePages(space, IOVA + 4 * PAGE, 2);
        complete();
        assertThat(moved()).isEqualTo(0b1111_0000);
    }

    @Test
    void shouldForgetALargePageThatIsNamed() {
        Space space = attached(1);
        space.map(IOVA, OLD, Space.LARGE, true);
        reads(IOVA + 0x5008, OLD + 0x5008);
        space.map(IOVA, NEW, Space.LARGE, true);
        reads(IOVA + 0x5008, OLD + 0x5008);
        bed.invalidatePages(space, IOVA + 0x12_3000, 0);
        complete();
        if (bed.differs(Difference.LARGE_PAGES_AS_A_WHOLE)) {
            reads(IOVA + 0x5008, OLD + 0x5008);
            bed.invalidatePages(space, IOVA, Space.LARGE - Space.SMALL);
            complete();
        }
        reads(IOVA + 0x5008, NEW + 0x5008);
    }

    @Test
    void shouldForgetASpaceAndNoOther() {
        bed.enable();
        Space mine = stale(1, FUNCTION);
        stale(2, OTHER);
        bed.invalidateSpace(mine);
        complete();
        assertThat(moved(FUNCTION, NONE)).isEqualTo(0xff);
        assertThat(moved(OTHER, NONE)).isZero();
    }

    @Test
    void shouldForgetAPageOfOneSpaceOnly() {
        bed.enable();
        stale(1, FUNCTION);
        Space others = stale(2, OTHER);
        bed.invalidatePages(others, IOVA, 0);
        complete();
        assertThat(moved(FUNCTION, NONE)).isZero();
        assertThat(moved(OTHER, NONE)).isEqualTo(1);
    }

    @Test
    void shouldShareASpaceAmongFunctions() {
        bed.enable();
        Space space = stale(1, FUNCTION);
        bed.attach(OTHER, space);
        bed.invalidateSpace(space);
        complete();
        assertThat(moved(FUNCTION, NONE)).isEqualTo(0xff);
        assertThat(moved(OTHER, NONE)).isEqualTo(0xff);
    }

    @Test
    void shouldForgetAPasidAndNoOther() {
        Space plain = attached(1);
        if (bed.differs(Difference.NO_PASIDS)) {
            isRefused(read(FUNCTION, 1, IOVA));
            return;
        }
        Space first = bed.space(2);
        Space second = bed.space(3);
        bed.attach(FUNCTION, 1, first);
        bed.attach(FUNCTION, 2, second);
        moving(plain, FUNCTION, NONE);
        moving(first, FUNCTION, 1);
        moving(second, FUNCTION, 2);
        bed.invalidatePages(first, IOVA + PAGE, 0);
        complete();
        assertThat(moved(FUNCTION, 1)).isEqualTo(0b10);
        bed.invalidateSpace(first);
        complete();
        assertThat(moved(FUNCTION, 1)).isEqualTo(0xff);
        assertThat(moved(FUNCTION, NONE)).isZero();
        assertThat(moved(FUNCTION, 2)).isZero();
    }

    @Test
    void shouldForgetEverything() {
        bed.enable();
        stale(1, FUNCTION);
        stale(2, OTHER);
        bed.invalidateAll();
        complete();
        assertThat(moved(FUNCTION, NONE)).isEqualTo(0xff);
        assertThat(moved(OTHER, NONE)).isEqualTo(0xff);
    }

    @Test
    void shouldGoByTheOldSpaceUntilTheEntryIsForgotten() {
        Space old = attached(1);
        Space next = bed.space(2);
        old.map(IOVA, OLD);
        next.map(IOVA, NEW);
        reads(IOVA, OLD);
        bed.attach(FUNCTION, next);
        reads(IOVA, OLD);
        bed.invalidateFunction(FUNCTION, old);
        bed.invalidateSpace(old);
        complete();
        reads(IOVA, NEW);
    }

    @Test
    void shouldForgetTheEntryOfOneFunctionOnly() {
        Space old = attached(1);
        bed.attach(OTHER, old);
        Space next = bed.space(2);
        old.map(IOVA, OLD);
        next.map(IOVA, NEW);
        reads(FUNCTION, NONE, IOVA, OLD);
        reads(OTHER, NONE, IOVA, OLD);
        bed.attach(FUNCTION, next);
        bed.attach(OTHER, next);
        bed.invalidateFunction(FUNCTION, old);
        complete();
        reads(FUNCTION, NONE, IOVA, NEW);
        reads(OTHER, NONE, IOVA, bed.differs(Difference.ENTRIES_BY_SPACE) ? NEW : OLD);
    }

    @Test
    void shouldBlockWhenTheEntryIsForgotten() {
        Space old = attached(1);
        old.map(IOVA, OLD);
        reads(IOVA, OLD);
        bed.block(FUNCTION);
        bed.invalidateFunction(FUNCTION, old);
        bed.invalidateSpace(old);
        complete();
        isRefused(read(IOVA));
    }

    @Test
    void shouldForgetTheEntryOfOnePasidOnly() {
        Space plain = attached(1);
        plain.map(IOVA, OLD);
        if (bed.differs(Difference.NO_PASIDS)) {
            isRefused(read(FUNCTION, 1, IOVA));
            return;
        }
        Space first = bed.space(2);
        Space next = bed.space(3);
        first.map(IOVA, OLD + PAGE);
        next.map(IOVA, NEW);
        bed.attach(FUNCTION, 1, first);
        bed.attach(FUNCTION, 2, first);
        reads(FUNCTION, 1, IOVA, OLD + PAGE);
        reads(FUNCTION, 2, IOVA, OLD + PAGE);
        bed.attach(FUNCTION, 1, next);
        bed.attach(FUNCTION, 2, next);
        bed.invalidatePasid(FUNCTION, 1, first);
        complete();
        reads(FUNCTION, 1, IOVA, NEW);
        reads(FUNCTION, 2, IOVA, OLD + PAGE);
        reads(FUNCTION, NONE, IOVA, OLD);
    }

    @Test
    void shouldTakeAnAbsentPageForAbsentAsLongAsTheArchitectureSays() {
        Space space = attached(1);
        space.map(IOVA, OLD); // so that the tables are there
        isRefused(read(IOVA + PAGE));
        space.map(IOVA + PAGE, NEW);
        if (bed.differs(Difference.CACHES_ABSENCE)) {
            isRefused(read(IOVA + PAGE));
            bed.invalidatePages(space, IOVA + PAGE, 0);
            complete();
        }
        reads(IOVA + PAGE, NEW);
    }

    @Test
    void shouldForgetAPageThatIsTakenAway() {
        Space space = attached(1);
        space.map(IOVA, OLD);
        space.map(IOVA + PAGE, OLD + PAGE);
        reads(IOVA, OLD);
        reads(IOVA + PAGE, OLD + PAGE);
        space.unmap(IOVA);
        bed.invalidatePages(space, IOVA, 0);
        complete();
        isRefused(read(IOVA));
        reads(IOVA + PAGE, OLD + PAGE);
    }

    @Test
    void shouldForgetPermissions() {
        Space space = attached(1);
        space.map(IOVA, OLD);
        assertThat(write(FUNCTION, NONE, IOVA).outcome().completed()).isTrue();
        space.map(IOVA, OLD, Space.SMALL, false);
        assertThat(write(FUNCTION, NONE, IOVA).outcome().completed())
                .as("the old permission is cached")
                .isTrue();
        bed.invalidatePages(space, IOVA, 0);
        complete();
        isRefused(write(FUNCTION, NONE, IOVA));
    }
}
