package org.iommusim.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.variant.Variant;
import org.junit.jupiter.api.Test;

/** What is different with each known bug. */
class AmdViVariantsTest {
    private static final long MICROSECOND = 1_000_000;

    private static DriverTestbed bed(String... variants) {
        return DriverTestbed.fake(
                FakeAmdVi.ALL,
                List.of(variants).stream()
                        .map(name -> AmdViVariants.all().stream()
                                .filter(v -> v.name().equals(name))
                                .findFirst()
                                .orElseThrow())
                        .toArray(Variant[]::new));
    }

    private static void runFor(DriverTestbed bed, long ps) {
        bed.sim.scheduler().runUntil(bed.sim.now() + ps);
    }

    private static List<Integer> queue(DriverTestbed bed) {
        return bed.start(bed.iommu().commands().queue(Cmd.invalidateIommuPages0(7, 0), Cmd.allPages1()));
    }

    private static List<Integer> await(DriverTestbed bed) {
        return bed.start(bed.iommu().commands().completionWait());
    }

    private static void takeNumbers(DriverTestbed bed, boolean beforeTheLock) {
        queue(bed);
        bed.sim.scheduler().run();
        bed.steps.clear();
        await(bed);
        bed.sim.scheduler().run();
        int number = indexOf(bed, beforeTheLock ? "atomic64_inc_return" : "get_cmdsem_val");
        int lock = indexOf(bed, "iommu->lock");
        assertThat(number < lock).isEqualTo(beforeTheLock);
        assertThat(bed.iommu().commands().reached(bed.iommu().commands().sequence()))
                .isTrue();
    }

    private static int indexOf(DriverTestbed bed, String step) {
        return bed.steps.indexOf("iommu_completion_wait: " + step);
    }

    @Test
    void shouldTakeANumberBeforeTheLock() {
        takeNumbers(bed(), false);
        takeNumbers(bed("amd-numbers-waits-unlocked"), true);
    }

    private static void waitBehindAnother(DriverTestbed bed, boolean waits) {
        bed.fake().alive = false;
        queue(bed);
        runFor(bed, 10 * MICROSECOND);
        await(bed);
        runFor(bed, 10 * MICROSECOND);
        List<Integer> second = await(bed);
        runFor(bed, 10 * MICROSECOND);
        assertThat(second.isEmpty()).isEqualTo(waits);
    }

    @Test
    void shouldTrustAWaitThatIsOnlyQueued() {
        waitBehindAnother(bed(), true);
        waitBehindAnother(bed("amd-trusts-queued-wait"), false);
    }

    private static void queueWhileAnotherWaits(DriverTestbed bed, boolean queues) {
        bed.fake().alive = false;
        queue(bed);
        runFor(bed, 10 * MICROSECOND);
        await(bed);
        runFor(bed, 10 * MICROSECOND);
        List<Integer> other = queue(bed);
        runFor(bed, 10 * MICROSECOND);
        assertThat(other.isEmpty()).isEqualTo(!queues);
    }

    @Test
    void shouldKeepTheLockWhileItWaits() {
        queueWhileAnotherWaits(bed(), true);
        queueWhileAnotherWaits(bed("amd-waits-with-lock"), false);
    }

    @Test
    void shouldStoreAHalfOfAnEntryAsTwoWords() {
        DriverTestbed bed = bed("amd-dte-in-64-bit-pieces");
        DevData dev = (DevData) bed.master(5);
        bed.steps.clear();
        bed.ok(UpdateDte.call(dev, Dte.passThrough(3)));
        assertThat(bed.steps)
                .containsSubsequence("update_dte256: data[1] = flags", "update_dte256: data[0] = pte_root")
                .doesNotContain("update_dte256: write_dte_lower128");
        assertThat(bed.dte(5)).containsExactly(Dte.passThrough(3));
    }

    private static List<String> detach(DriverTestbed bed) {
        DevData dev = bed.withAts(5);
        bed.ok(bed.driver.attachDev(dev, bed.paging(0)));
        bed.steps.clear();
        bed.ok(bed.driver.attachDev(dev, bed.driver.blockedDomain()));
        assertThat(dev.atsEnabled()).isFalse();
        bed.assertClean();
        return bed.steps;
    }

    @Test
    void shouldUnlistADeviceFirst() {
        assertThat(detach(bed()))
                .containsSubsequence(
                        "pdev_disable_caps: pci_disable_ats",
                        "update_dte256: write_dte_lower128",
                        "detach_device: list_del");
        assertThat(detach(bed("amd-unlists-device-first")))
                .containsSubsequence(
                        "detach_device: list_del before the flush",
                        "update_dte256: write_dte_lower128",
                        "pdev_disable_caps: pci_disable_ats");
    }

    private static List<String> flushesOfDetach(DriverTestbed bed) {
        DevData dev = bed.withAts(5);
        bed.ok(bed.driver.attachDev(dev, bed.paging(IommuDriver.ALLOC_PASID)));
        bed.fake().commands.clear();
        bed.ok(bed.driver.attachDev(dev, bed.driver.blockedDomain()));
        bed.assertClean();
        return bed.fake().commands.stream()
                .filter(c -> c.startsWith("INVALIDATE_IOMMU_PAGES"))
                .toList();
    }

    /** What is cached of guest tables is found by the list: a device that is not in it keeps that. */
    @Test
    void shouldNotFindWhatIsCachedOfAnUnlistedDevice() {
        assertThat(flushesOfDetach(bed())).hasSize(1);
        assertThat(flushesOfDetach(bed("amd-unlists-device-first"))).isEmpty();
    }

    private static List<String> freeNested(DriverTestbed bed) {
        VirtualIommu viommu = bed.viommu(bed.parent(), bed.new Core());
        IommuDomain nested = bed.nested(viommu, NestingTest.guest(0x5000, 9).toUserData());
        bed.fake().commands.clear();
        bed.ok(bed.driver.domainFree(nested));
        bed.assertClean();
        return bed.fake().commands;
    }

    @Test
    void shouldFlushADomainIdBeforeItIsFree() {
        assertThat(freeNested(bed())).isEmpty();
        assertThat(freeNested(bed("amd-flushes-freed-domain-id")))
                .containsExactly("INVALIDATE_IOMMU_PAGES domain=3 all PDE");
    }

    @Test
    void shouldWaitForEver() {
        DriverTestbed bed = bed("amd-waits-for-ever");
        bed.fake().alive = false;
        queue(bed);
        runFor(bed, 10 * MICROSECOND);
        List<Integer> answer = await(bed);
        runFor(bed, 10 * AmdIommu.LOOP_TIMEOUT_PS);
        assertThat(answer).isEmpty();
        bed.fake().alive = true;
        bed.fake().consume();
        bed.sim.scheduler().run();
        assertThat(answer).containsExactly(0);
    }
}
