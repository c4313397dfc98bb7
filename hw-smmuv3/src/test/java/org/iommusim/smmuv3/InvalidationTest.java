package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;
import org.iommusim.smmuv3.Invalidation.Scope;
import org.iommusim.smmuv3.spec.Cmd;
import org.junit.jupiter.api.Test;

/** Which transactions under way an invalidation concerns, and what commands say in their bits. */
class InvalidationTest {
    private static final int VMID = 9;
    private static final int ASID = 5;

    private final Simulation sim = Simulation.seeded(1).build();
    private final Invalidation invalidation = new Invalidation(new Faults(), false);
    private final Flight flight = flight();

    private Flight flight() {
        Flight made = new Flight(0, sim.scheduler().newLane("flight", Phase.HARDWARE));
        made.sid = 0x18;
        made.substream = DmaRequest.NO_PASID;
        made.iova = 0x40_0000;
        made.usesTranslation = true;
        made.stage1 = true;
        made.vmid = VMID;
        made.asid = ASID;
        made.stage1Shift = 21;
        return made;
    }

    private boolean translations(Scope scope, int vmid, int asid) {
        invalidation.translations(scope, vmid, asid);
        return invalidation.hits(flight);
    }

    private boolean range(Scope scope, int vmid, long from, long bytes) {
        invalidation.range(scope, vmid, ASID, from, bytes, true);
        return invalidation.hits(flight);
    }

    @Test
    void shouldConcernUsersOfConfiguration() {
        invalidation.streams(0x18, -1);
        assertThat(invalidation.concernsConfig()).isTrue();
        assertThat(invalidation.concernsTables()).isFalse();
        assertThat(invalidation.hits(flight)).isFalse();
        flight.usesConfig = true;
        assertThat(invalidation.hits(flight)).isTrue();
        invalidation.streams(0x19, -1);
        assertThat(invalidation.hits(flight)).isFalse();
        invalidation.streams(0x19, -2);
        assertThat(invalidation.hits(flight)).isTrue();
        invalidation.contexts(0x18, 0);
        assertThat(invalidation.hits(flight)).isTrue();
        invalidation.contexts(0x18, 1);
        assertThat(invalidation.hits(flight)).isFalse();
        flight.substream = 1;
        assertThat(invalidation.hits(flight)).isTrue();
        flight.substream = 2;
        invalidation.contexts(0x18, Invalidation.ALL_SUBSTREAMS);
        assertThat(invalidation.hits(flight)).isTrue();
    }

    @Test
    void shouldNotConcernWhoUsesNoTranslation() {
        flight.usesTranslation = false;
        assertThat(translations(Scope.EVERYTHING, 0, 0)).isFalse();
        assertThat(translations(Scope.VM, VMID, 0)).isFalse();
        assertThat(invalidation.concernsConfig()).isFalse();
        assertThat(invalidation.concernsTables()).isTrue();
        assertThat(invalidation.scope()).isEqualTo(Scope.VM);
    }

    @Test
    void shouldConcernTheVmAndItsAddressSpaces() {
        assertThat(translations(Scope.EVERYTHING, 0, 0)).isTrue();
        assertThat(translations(Scope.VM, VMID, 0)).isTrue();
        assertThat(translations(Scope.VM, VMID + 1, 0)).isFalse();
        assertThat(translations(Scope.VM_STAGE1, VMID, 0)).isTrue();
        assertThat(translations(Scope.VM_STAGE1, VMID + 1, 0)).isFalse();
        assertThat(translations(Scope.ADDRESS_SPACE, VMID, ASID)).isTrue();
        assertThat(translations(Scope.ADDRESS_SPACE, VMID, ASID + 1)).isFalse();
        assertThat(translations(Scope.ADDRESS_SPACE, VMID + 1, ASID)).isFalse();
        flight.stage1 = false;
        assertThat(translations(Scope.VM, VMID, 0)).isTrue();
        assertThat(translations(Scope.VM_STAGE1, VMID, 0)).isFalse();
        assertThat(translations(Scope.ADDRESS_SPACE, VMID, ASID)).isFalse();
    }

    @Test
    void shouldConcernAllOfAPage() {
        for (Scope scope : new Scope[] {Scope.ADDRESS, Scope.ADDRESS_ALL_SPACES}) {
            assertThat(range(scope, VMID, 0x40_0000, 0x1000)).isTrue();
            assertThat(range(scope, VMID, 0x5f_f000, 0x1000)).isTrue();
            assertThat(range(scope, VMID, 0x60_0000, 0x1000)).isFalse();
            assertThat(range(scope, VMID, 0x3f_f000, 0x1000)).isFalse();
            assertThat(range(scope, VMID, 0x3f_f000, 0x2000)).isTrue();
            assertThat(range(scope, VMID + 1, 0x40_0000, 0x1000)).isFalse();
            // The top byte may be a tag.
            assertThat(range(scope, VMID, 0xab00_0000_0040_0000L, 0x1000)).isTrue();
        }
        flight.stage1 = false;
        assertThat(range(Scope.ADDRESS, VMID, 0x40_0000, 0x1000)).isFalse();
        assertThat(range(Scope.ADDRESS_ALL_SPACES, VMID, 0x40_0000, 0x1000)).isFalse();
    }

    @Test
    void shouldConcernEverySecondStageOfTheVm() {
        assertThat(range(Scope.IPA, VMID, 0x40_0000, 0x1000)).isFalse();
        flight.stage2 = true;
        assertThat(range(Scope.IPA, VMID, 0x40_0000, 0x1000)).isTrue();
        assertThat(range(Scope.IPA, VMID + 1, 0x40_0000, 0x1000)).isFalse();
    }

    @Test
    void shouldPackCommands() {
        assertThat(Cmd.cfgiCdAll0(0x12)).isEqualTo(0x12_0000_0006L);
        assertThat(Cmd.cfgiSteRange0(0x12)).isEqualTo(0x12_0000_0004L);
        assertThat(Cmd.leaf1(true)).isEqualTo(1);
        assertThat(Cmd.leaf1(false)).isZero();
        assertThat(Cmd.atcInv1(0x1234_5000L, 3)).isEqualTo(0x1234_5003L);
        assertThat(Cmd.priResp0(0x12, 0x345)).isEqualTo(0x12_0034_5841L);
        assertThat(Cmd.priResp0(0x12, -1)).isEqualTo(0x12_0000_0041L);
        assertThat(Cmd.priResp0(0x12, 0)).isEqualTo(0x12_0000_0841L);
        assertThat(Cmd.atcInv0(0x12, 0, true)).isEqualTo(0x12_0000_0a40L);
        assertThat(Cmd.atcInv0(0x12, -1, false)).isEqualTo(0x12_0000_0040L);
        assertThat(Cmd.priResp1(0x5, Cmd.PRI_SUCC)).isEqualTo(0x2005);
        assertThat(Cmd.resume1(0x77)).isEqualTo(0x77);
        assertThat(Cmd.rangeBytes(Cmd.tlbiRange0(Cmd.TLBI_NH_VA, 0, 0, 3, 2), Cmd.tlbiRange1(0, true, 0, 1), false))
                .isEqualTo(16 * 4096);
        assertThat(Cmd.rangeBytes(Cmd.tlbiRange0(Cmd.TLBI_NH_VA, 0, 0, 0, 1), Cmd.tlbiRange1(0, true, 3, 3), false))
                .isEqualTo(2 * 65536);
        assertThat(Cmd.tlbiRange1(0x1234_5000L, true, 3, 2)).isEqualTo(0x1234_5b01L);
    }
}
