package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.Trail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each command promises of what was made from which word. */
class CommandPromiseTest {
    private static final int ID = 0x128;
    private static final int DID = 7;
    private static final int PASID = 3;
    private static final long GN = Cmd.GN.mask();
    private static final long PDE = Cmd.PDE.mask();

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables");

    private Trail trail(int space, SourceKind kind, boolean leaf, long first, long last) {
        Trail trail = Objects.requireNonNull(bed.device.staleUse().checker()).newTrail();
        trail.begin(ID, space, 0x5000);
        trail.tables(DID, space, space >= 0);
        trail.read(new Source(kind, leaf, 0x1000, 1, 0, first, last));
        return trail;
    }

    private static boolean ends(Trail trail, long w0, long w1) {
        return new CommandPromise(w0, w1).on(trail, 0) == Promise.Effect.ENDED;
    }

    private static long pages(int did, int pasid) {
        return Cmd.invalidateIommuPages0(did, pasid);
    }

    @ParameterizedTest
    @EnumSource
    void shouldPromiseEverything(SourceKind kind) {
        assertThat(ends(trail(PASID, kind, true, 0, 0), Cmd.invalidateIommuAll0(), 0))
                .isTrue();
    }

    @Test
    void shouldPromiseTheEntryOfOneFunction() {
        Trail trail = trail(-1, SourceKind.DEVICE, true, 0, -1);
        assertThat(ends(trail, Cmd.invalidateDevtabEntry0(ID), 0)).isTrue();
        assertThat(ends(trail, Cmd.invalidateDevtabEntry0(ID + 1), 0)).isFalse();
        assertThat(ends(trail, Cmd.invalidateInterruptTable0(ID), 0)).isFalse();
        assertThat(ends(trail, pages(DID, 0), Cmd.allPages1() | PDE)).isFalse();
    }

    @Test
    void shouldPromiseInterruptsOfOneFunction() {
        Trail trail = trail(-1, SourceKind.INTERRUPT, true, 0, 0);
        assertThat(ends(trail, Cmd.invalidateInterruptTable0(ID), 0)).isTrue();
        assertThat(ends(trail, Cmd.invalidateInterruptTable0(ID + 1), 0)).isFalse();
        assertThat(ends(trail, Cmd.invalidateDevtabEntry0(ID), 0)).isFalse();
    }

    @Test
    void shouldPromiseHostPagesOfWhichAnyPartIsNamed() {
        Trail trail = trail(-1, SourceKind.STAGE2, true, 0x20_0000, 0x3f_ffff);
        assertThat(ends(trail, pages(DID, 0), Cmd.pages1(0x2f_f000, 12))).isTrue();
        assertThat(ends(trail, pages(DID, 0), Cmd.pages1(0x1f_f000, 12))).isFalse();
        assertThat(ends(trail, pages(DID, 0), Cmd.pages1(0x40_0000, 21))).isFalse();
        assertThat(ends(trail, pages(DID, 0), Cmd.pages1(0, 22))).isTrue();
        assertThat(ends(trail, pages(DID, 0), Cmd.allPages1())).isTrue();
        assertThat(ends(trail, pages(DID + 1, 0), Cmd.allPages1())).isFalse();
        assertThat(ends(trail, pages(DID, 0), Cmd.allPages1() | GN)).isFalse();
    }

    /** Upper halves of the address space count as negative numbers. */
    @Test
    void shouldPromiseEveryAddressWithAllPages() {
        Trail trail = trail(-1, SourceKind.STAGE2, true, -0x1000, -1);
        assertThat(ends(trail, pages(DID, 0), Cmd.allPages1())).isTrue();
    }

    @Test
    void shouldPromisePointersOnlyWithDirectories() {
        Trail trail = trail(-1, SourceKind.STAGE2, false, 0x5000, 0x5000);
        assertThat(ends(trail, pages(DID, 0), Cmd.pages1(0x5000, 12) | PDE)).isTrue();
        assertThat(ends(trail, pages(DID, 0), Cmd.pages1(0x5000, 12))).isFalse();
        assertThat(ends(trail, pages(DID, 0), Cmd.pages1(0x6000, 12) | PDE)).isFalse();
    }

    @Test
    void shouldPromiseGuestPagesOfOnePasid() {
        Trail trail = trail(PASID, SourceKind.STAGE1, true, 0x5000, 0x5fff);
        assertThat(ends(trail, pages(DID, PASID), Cmd.pages1(0x5000, 12) | GN)).isTrue();
        assertThat(ends(trail, pages(DID, PASID + 1), Cmd.pages1(0x5000, 12) | GN))
                .isFalse();
        assertThat(ends(trail, pages(DID, PASID), Cmd.pages1(0x6000, 12) | GN)).isFalse();
        assertThat(ends(trail, pages(DID, 0), Cmd.allPages1() | PDE))
                .as("host tables have no part in it")
                .isFalse();
    }

    @Test
    void shouldPromiseGcr3EntriesOnlyWithDirectories() {
        Trail trail = trail(PASID, SourceKind.CONTEXT, true, 0, -1);
        assertThat(ends(trail, pages(DID, PASID), Cmd.allPages1() | GN | PDE)).isTrue();
        assertThat(ends(trail, pages(DID, PASID), Cmd.allPages1() | GN)).isFalse();
        assertThat(ends(trail, pages(DID, PASID + 1), Cmd.allPages1() | GN | PDE))
                .isFalse();
    }

    /** Of host pages under guest tables nobody knows which translation went through them. */
    @ParameterizedTest
    @EnumSource(names = {"STAGE2", "CONTEXT_ADDRESS"})
    void shouldPromiseAllThatHostTablesHaveAPartInUnderGuestTables(SourceKind kind) {
        Trail trail = trail(PASID, kind, true, 0x9000, 0x9fff);
        assertThat(ends(trail, pages(DID, 0), Cmd.pages1(0x7_0000, 12))).isTrue();
        assertThat(ends(trail, pages(DID + 1, 0), Cmd.allPages1())).isFalse();
        assertThat(ends(trail, pages(DID, PASID), Cmd.allPages1() | GN | PDE)).isFalse();
    }

    // ---- what a device has

    private Trail inDevice(int pasid) {
        Trail translation = trail(pasid, pasid < 0 ? SourceKind.STAGE2 : SourceKind.STAGE1, true, 0x5000, 0x5fff);
        Trail trail = Objects.requireNonNull(bed.device.staleUse().checker()).newTrail();
        trail.handOver(translation);
        return trail;
    }

    private static long iotlb(int id, int pasid) {
        return Cmd.invalidateIotlbPages0(id, id, 0, pasid);
    }

    @Test
    void shouldPromiseWhatADeviceHasWithoutPasid() {
        Trail trail = inDevice(-1);
        assertThat(ends(trail, iotlb(ID, 0), Cmd.pages1(0x5000, 12))).isTrue();
        assertThat(ends(trail, iotlb(ID + 1, 0), Cmd.pages1(0x5000, 12))).isFalse();
        assertThat(ends(trail, iotlb(ID, 0), Cmd.pages1(0x6000, 12))).isFalse();
        assertThat(ends(trail, iotlb(ID, 0), Cmd.pages1(0x5000, 12) | GN)).isFalse();
        assertThat(ends(trail, pages(DID, 0), Cmd.allPages1() | PDE))
                .as("it is out of the unit's reach")
                .isFalse();
    }

    @Test
    void shouldPromiseWhatADeviceHasOfAPasid() {
        Trail trail = inDevice(PASID);
        assertThat(ends(trail, iotlb(ID, PASID), Cmd.allPages1() | GN)).isTrue();
        assertThat(ends(trail, iotlb(ID, PASID + 1), Cmd.allPages1() | GN)).isFalse();
        assertThat(ends(trail, iotlb(ID, PASID), Cmd.allPages1())).isFalse();
        assertThat(ends(inDevice(0), iotlb(ID, 0), Cmd.allPages1())).isFalse();
        assertThat(ends(inDevice(0), iotlb(ID, 0), Cmd.allPages1() | GN)).isTrue();
    }

    @Test
    void shouldSayWhichCommandItIs() {
        assertThat(new CommandPromise(pages(DID, 0), Cmd.allPages1()).text()).contains("INVALIDATE_IOMMU_PAGES");
    }
}
