package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.variant.Variant;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

/** What is different with each known bug. */
class VtdVariantsTest {
    private static final long PAGE = 0x1000;

    private static Variant named(String name) {
        return VtdVariants.all().stream()
                .filter(v -> v.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static DriverTestbed bed(Cap cap, String... variants) {
        DriverTestbed bed = DriverTestbed.fake(
                cap, List.of(variants).stream().map(VtdVariantsTest::named).toArray(Variant[]::new));
        bed.ok(bed.driver.probe());
        return bed;
    }

    private static DriverTestbed bed(String... variants) {
        return bed(FakeVtd.SCALABLE, variants);
    }

    private static DmarPaging attached(DriverTestbed bed, IommuMaster master) {
        DmarPaging domain = bed.paging(0);
        bed.ok(bed.driver.attachDev(master, domain));
        bed.steps.clear();
        bed.fake().commands.clear();
        return domain;
    }

    private static void blockWithoutDevice(DriverTestbed bed, boolean ends) {
        DeviceInfo info = bed.withAts(5);
        attached(bed, info);
        info.function().setPresent(false);
        bed.fake().silent = 5;
        List<Integer> answer = bed.start(bed.driver.attachDev(info, bed.driver.blockedDomain()));
        bed.sim.scheduler().runUntil(bed.sim.now() + 1_000_000_000);
        assertThat(answer.isEmpty()).isEqualTo(!ends);
    }

    @Test
    void shouldAskAVanishedDeviceForEver() {
        blockWithoutDevice(bed(), true);
        blockWithoutDevice(bed("vtd-asks-vanished-device"), false);
    }

    private static void waitAtAnEvenSlot(DriverTestbed bed, boolean ends) {
        DeviceInfo info = bed.withAts(5);
        InvalidationQueue qi = bed.iommu().qi();
        assertThat(bed.fake().slotsUsed()).isZero(); // so that a wait behind two descriptors is at slot 2
        EntryList list = Flushes.deviceTlbAll(info, 0);
        EntryList two = new EntryList().add(Flushes.iotlbDomain(bed.iommu(), 1), 0);
        two.add(list.word0(0), list.word1(0));
        bed.fake().silent = 5;
        List<Integer> answer = bed.start(qi.submit(two));
        bed.sim.scheduler().runUntil(bed.sim.now() + 50_000_000);
        bed.fake().silent = -1;
        bed.sim.scheduler().runUntil(bed.sim.now() + 1_000_000_000);
        assertThat(answer.isEmpty()).isEqualTo(!ends);
    }

    @Test
    void shouldForgetWhoWaitsAtAnEvenSlot() {
        waitAtAnEvenSlot(bed(), true);
        waitAtAnEvenSlot(bed("vtd-marks-odd-slots"), false);
    }

    @Test
    void shouldZeroAPasidEntryBeforeItIsInvalidated() {
        DriverTestbed right = bed();
        IommuMaster master = right.master(5);
        attached(right, master);
        right.ok(right.driver.attachDev(master, right.driver.blockedDomain()));
        assertThat(right.steps)
                .containsSubsequence(
                        "intel_pasid_tear_down_entry: pasid_clear_present",
                        "qi_submit_sync: write IQT",
                        "write entry: WRITE_ONCE");
        DriverTestbed wrong = bed("vtd-zeroes-present-pasid-entry");
        master = wrong.master(5);
        attached(wrong, master);
        wrong.ok(wrong.driver.attachDev(master, wrong.driver.blockedDomain()));
        assertThat(wrong.steps.indexOf("write entry: WRITE_ONCE"))
                .isLessThan(wrong.steps.indexOf("qi_submit_sync: write IQT"));
    }

    @Test
    void shouldOverwriteAPasidEntry() {
        DriverTestbed right = bed();
        assertThat(replace(right)).contains("intel_pasid_tear_down_entry: pasid_clear_present");
        DriverTestbed wrong = bed("vtd-replaces-pasid-entry-in-place");
        assertThat(replace(wrong)).doesNotContain("intel_pasid_tear_down_entry: pasid_clear_present");
        assertThat(wrong.fake().commands).contains("pasid-cache global");
    }

    private static List<String> replace(DriverTestbed bed) {
        IommuMaster master = bed.master(5);
        DmarPaging first = bed.paging(0);
        DmarPaging second = bed.paging(0);
        bed.ok(bed.driver.setDevPasid(master, first, 7, null));
        bed.steps.clear();
        bed.ok(bed.driver.setDevPasid(master, second, 7, first));
        return bed.steps;
    }

    @Test
    void shouldZeroAContextEntryBeforeItIsInvalidated() {
        DriverTestbed wrong = bed("vtd-zeroes-present-context-entry");
        IommuMaster master = wrong.master(5);
        wrong.steps.clear();
        wrong.ok(wrong.driver.releaseDevice(master));
        assertThat(wrong.steps)
                .containsSubsequence("write entry: WRITE_ONCE", "qi_submit_sync: write IQT")
                .doesNotContain("domain_context_clear_one: context_clear_present");
    }

    @Test
    void shouldNotWaitForPageRequests() {
        DriverTestbed right = bed();
        DeviceInfo info = right.withAts(5);
        attached(right, info);
        right.ok(right.driver.attachDev(info, right.driver.blockedDomain()));
        assertThat(right.fake().commands).anyMatch(c -> c.startsWith("wait") && c.contains("drain"));
        DriverTestbed wrong = bed("vtd-does-not-drain-requests");
        info = wrong.withAts(5);
        attached(wrong, info);
        wrong.ok(wrong.driver.attachDev(info, wrong.driver.blockedDomain()));
        assertThat(wrong.fake().commands).noneMatch(c -> c.startsWith("wait"));
    }

    @Test
    void shouldTakeBackWhatAnUnknownPasidNeverHad() {
        DriverTestbed right = bed();
        assertThat(detachUnknown(right)).isEqualTo(1);
        DriverTestbed wrong = bed("vtd-takes-back-unknown-pasid");
        assertThat(detachUnknown(wrong)).isZero();
    }

    private static int detachUnknown(DriverTestbed bed) {
        IommuMaster master = bed.master(5);
        DmarPaging domain = attached(bed, master);
        bed.ok(bed.driver.setDevPasid(master, bed.driver.blockedDomain(), 9, domain));
        return domain.users().get();
    }

    @Test
    void shouldKeepTagsOfADeviceWhoseAtsIsOff() {
        DriverTestbed right = bed(FakeVtd.LEGACY);
        blockWithAts(right);
        assertThat(right.steps)
                .containsSubsequence(
                        "cache_tag_unassign_domain: cache_tag_unassign", "iommu_disable_pci_ats: pci_disable_ats");
        DriverTestbed wrong = bed(FakeVtd.LEGACY, "vtd-tags-outlive-ats");
        blockWithAts(wrong);
        assertThat(wrong.steps)
                .containsSubsequence(
                        "iommu_disable_pci_ats: pci_disable_ats", "cache_tag_unassign_domain: cache_tag_unassign");
    }

    private static void blockWithAts(DriverTestbed bed) {
        DeviceInfo info = bed.withAts(5);
        attached(bed, info);
        bed.ok(bed.driver.attachDev(info, bed.driver.blockedDomain()));
    }

    @Test
    void shouldNotWaitForPageRequestsWithoutAPasid() {
        assertThat(blockWithARequestInTheQueue(bed())).isFalse();
        assertThat(blockWithARequestInTheQueue(bed("vtd-drains-pasids-only"))).isTrue();
    }

    /** True if the device is blocked although a request of it has not been looked at. */
    private static boolean blockWithARequestInTheQueue(DriverTestbed bed) {
        DeviceInfo info = bed.withAts(5);
        attached(bed, info);
        long base = bed.fake().register64(Reg.PQA) & Reg.PQA_BASE;
        PageRequest request = new PageRequest(5, -1, 0x7000, 9, true, true, false, false, false);
        bed.memory.write64(base, PageReq.word0(request));
        bed.memory.write64(base + 8, PageReq.word1(request));
        bed.fake().register64(Reg.PQT, PageReq.BYTES);
        List<Integer> answer = bed.start(bed.driver.attachDev(info, bed.driver.blockedDomain()));
        bed.sim.scheduler().run();
        return !answer.isEmpty();
    }

    @Test
    void shouldLoseTheTreeOfDevices() {
        DriverTestbed right = bed();
        DeviceInfo kept = right.withAts(5);
        probeWithoutMemory(right);
        assertThat(DeviceInfo.find(right.iommu(), 5)).isSameAs(kept);
        DriverTestbed wrong = bed("vtd-removes-unlisted-device");
        wrong.withAts(5);
        probeWithoutMemory(wrong);
        assertThat(DeviceInfo.find(wrong.iommu(), 5)).isNull();
    }

    /** A device without ATS, which is never put into the tree. */
    private static void probeWithoutMemory(DriverTestbed bed) {
        long page;
        do {
            page = bed.pages.allocate(PageOwner.KERNEL);
        } while (page >= 0);
        assertThat(bed.run(bed.driver.probeDevice(bed.function(6), bed.result())))
                .isEqualTo(Errno.ENOMEM);
    }

    @Test
    void shouldLeaveAPartOfARangeInTheCaches() {
        assertThat(unmapThree(bed())).containsExactly("pasid-iotlb page did=2 pasid=0 addr=0x0 am=2 leaf");
        assertThat(unmapThree(bed("vtd-flushes-too-little")))
                .containsExactly("pasid-iotlb page did=2 pasid=0 addr=0x0 am=1 leaf");
    }

    private static List<String> unmapThree(DriverTestbed bed) {
        DmarPaging domain = attached(bed, bed.master(5));
        bed.ok(domain.mapPages(0, 0, 4 * PAGE, 3));
        bed.ok(domain.unmapPages(0, 3 * PAGE));
        bed.ok(domain.iotlbSync());
        return bed.fake().commands;
    }

    @Test
    void shouldUsePageRequestsThatCannotBeDrained() {
        Cap cannot = new Cap(FakeVtd.SCALABLE.cap(), FakeVtd.SCALABLE.ecap() & ~Cap.PDS.mask());
        assertThat(bed(cannot).withAts(5).priEnabled.get()).isZero();
        assertThat(bed(cannot, "vtd-requests-without-drain")
                        .withAts(5)
                        .priEnabled
                        .get())
                .isEqualTo(1);
    }
}
