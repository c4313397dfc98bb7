package org.iommusim.hw.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.junit.jupiter.api.Test;

/** Translation of single requests: where they end, who may make them, and what there is without tables. */
public abstract class DeviceContract extends Contract {
    protected DeviceContract(Vendor vendor) {
        super(vendor);
    }

    @Test
    void shouldReadAndWriteWhereTheTablesLead() {
        attached(1).map(IOVA, OLD);
        for (boolean isWrite : new boolean[] {false, true}) {
            DmaRequest request = machine.dma(machine.request(FUNCTION, NONE, IOVA + 0x128, isWrite));
            assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
            assertThat(request.physicalAddress()).isEqualTo(OLD + 0x128);
            assertThat(request.totalTicks()).as("every tick has a station").isEqualTo(request.latency());
        }
        assertThat(bed.faults().take()).isEmpty();
    }

    @Test
    void shouldKeepTheOffsetInLargePages() {
        attached(1).map(IOVA, OLD, Space.LARGE, true);
        reads(IOVA + 0x12_3450, OLD + 0x12_3450);
        reads(IOVA + 0x1f_fff8, OLD + 0x1f_fff8);
        isRefused(read(IOVA + 0x20_0000));
    }

    /** A device may ask for any bytes of a page; none crosses the end of one. */
    @Test
    void shouldTranslateBytesAtAnyAddressOfAPage() {
        Space space = attached(1);
        space.map(IOVA, OLD);
        space.map(IOVA + PAGE, NEW);
        for (int[] part : new int[][] {{0, 1}, {3, 2}, {0x7fd, 5}, {0xfff, 1}, {0, 4096}}) {
            DmaRequest request = machine.dma(machine.arrived(FUNCTION, NONE, IOVA + part[0], part[1], true));
            assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
            assertThat(request.physicalAddress()).isEqualTo(OLD + part[0]);
        }
        DmaRequest next = machine.dma(machine.arrived(FUNCTION, NONE, IOVA + PAGE + 1, 3, false));
        assertThat(next.physicalAddress()).isEqualTo(NEW + 1);
    }

    @Test
    void shouldHoldPermissions() {
        attached(1).map(IOVA, OLD, Space.SMALL, false);
        reads(IOVA, OLD);
        isRefused(write(FUNCTION, NONE, IOVA));
        reads(IOVA, OLD);
    }

    @Test
    void shouldKeepFunctionsApart() {
        Space mine = attached(1);
        Space others = bed.space(2);
        bed.attach(OTHER, others);
        mine.map(IOVA, OLD);
        others.map(IOVA, NEW);
        for (int i = 0; i < 2; i++) {
            reads(FUNCTION, NONE, IOVA, OLD);
            reads(OTHER, NONE, IOVA, NEW);
        }
    }

    @Test
    void shouldKeepPasidsApart() {
        Space plain = attached(1);
        plain.map(IOVA, OLD);
        if (bed.differs(Difference.NO_PASIDS)) {
            isRefused(read(FUNCTION, 1, IOVA));
            reads(IOVA, OLD);
            return;
        }
        Space first = bed.space(2);
        Space second = bed.space(3);
        bed.attach(FUNCTION, 1, first);
        bed.attach(FUNCTION, 2, second);
        first.map(IOVA, NEW);
        second.map(IOVA, NEW + PAGE);
        for (int i = 0; i < 2; i++) {
            reads(FUNCTION, NONE, IOVA, OLD);
            reads(FUNCTION, 1, IOVA, NEW);
            reads(FUNCTION, 2, IOVA, NEW + PAGE);
        }
        isRefused(read(FUNCTION, 3, IOVA));
    }

    @Test
    void shouldBlockAndLetPass() {
        bed.block(FUNCTION);
        bed.bypass(OTHER);
        bed.enable();
        isRefused(read(FUNCTION, NONE, OLD));
        isRefused(write(FUNCTION, NONE, OLD));
        DmaRequest passes = write(OTHER, NONE, OLD + 0x18);
        assertThat(passes.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(passes.physicalAddress()).isEqualTo(OLD + 0x18);
    }

    @Test
    void shouldRefuseStrangers() {
        attached(1).map(IOVA, OLD);
        isRefused(read(bed.stranger(), NONE, IOVA));
        reads(IOVA, OLD);
    }

    /** Until software switches translation on, all memory is open to devices. */
    @Test
    void shouldLetEverythingPassWhileItIsOff() {
        Space space = bed.space(1);
        bed.attach(FUNCTION, space);
        space.map(IOVA, OLD);
        assertThat(read(IOVA).outcome()).isEqualTo(DmaOutcome.BYPASS);
        bed.enable();
        reads(IOVA, OLD);
        bed.disable();
        DmaRequest off = read(IOVA);
        assertThat(off.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(off.physicalAddress()).isEqualTo(IOVA);
        assertThat(read(bed.stranger(), NONE, IOVA).outcome()).isEqualTo(DmaOutcome.BYPASS);
        bed.enable();
        reads(IOVA, OLD);
    }
}
