package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ViommuTest {
    private final DriverTestbed bed = DriverTestbed.fake(FakeSmmu.ALL);
    private final DriverTestbed.Core core = bed.new Core();
    private final IntCell done = bed.number();
    private Smmuv3PagingDomain parent;
    private VirtualIommu viommu;
    private IommuMaster master;

    @BeforeEach
    void setUp() {
        bed.ok(bed.driver.probe());
        bed.parent();
        parent = bed.parent(); // VMID 2
        viommu = bed.viommu(parent, core);
        master = bed.master(0x21);
        core.devices.put(0x99L, master);
        bed.fake().commands.clear();
    }

    private int invalidate(long... words) {
        return bed.run(viommu.cacheInvalidate(UserData.ofWords(1, words).array(16), done));
    }

    @Test
    void shouldForceTheVmidAndTranslateStreamIds() {
        assertThat(invalidate(
                        Cmd.tlbi0(Cmd.TLBI_NSNH_ALL, 0, 0), 0,
                        Cmd.tlbi0(Cmd.TLBI_NH_VA, 77, 5), Cmd.tlbi1(0x4000, true),
                        Cmd.cfgiCd0(0x99, 3), 1))
                .isZero();

        assertThat(done.get()).isEqualTo(3);
        assertThat(bed.fake().commands)
                .containsExactly(
                        "TLBI_NH_ALL vmid=2",
                        "TLBI_NH_VA vmid=2 asid=5 addr=0x4000 leaf",
                        "CFGI_CD sid=0x21 ssid=3",
                        "SYNC");
        bed.assertClean();
    }

    @Test
    void shouldCountTheEntriesBeforeTheOneThatIsRefused() {
        long asid = Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, 5);
        assertThat(invalidate(asid, 0, asid, 0, Cmd.cfgiSte0(0x99), 1, asid, 0)).isEqualTo(Errno.EIO);

        assertThat(done.get()).isEqualTo(2);
        assertThat(bed.fake().commands).isEmpty(); // the unfinished block is not issued
        assertThat(invalidate(Cmd.cfgiCd0(0x98, 0), 0)).isEqualTo(Errno.EIO);
        assertThat(done.get()).isZero();
    }

    @Test
    void shouldIssueBlocksOf63() {
        long[] words = new long[2 * 130];
        for (int i = 0; i < 130; i++) {
            words[2 * i] = Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, i);
        }
        words[2 * 129] = Cmd.cfgiSte0(1);
        assertThat(invalidate(words)).isEqualTo(Errno.EIO);

        assertThat(done.get()).isEqualTo(129);
        assertThat(bed.fake().commands).hasSize(2 * 64);
        assertThat(bed.fake().commands.get(63)).isEqualTo("SYNC");
    }

    @Test
    void shouldCountAllButOneOfABlockThatCouldNotBeIssued() {
        bed.fake().alive = false;
        long asid = Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, 5);

        assertThat(invalidate(asid, 0, asid, 0, asid, 0)).isEqualTo(Errno.ETIMEDOUT);
        assertThat(done.get()).isEqualTo(2);
    }

    @Test
    void shouldCheckTypeAndLengthOfEntries() {
        long asid = Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, 5);
        assertThat(bed.run(viommu.cacheInvalidate(UserData.ofWords(2, asid, 0).array(16), done)))
                .isEqualTo(Errno.EINVAL);
        // Shorter entries are filled with zeroes: the second one is no command.
        assertThat(bed.run(viommu.cacheInvalidate(UserData.ofWords(1, asid, 0).array(8), done)))
                .isEqualTo(Errno.EIO);
        assertThat(done.get()).isEqualTo(1);
        assertThat(bed.run(
                        viommu.cacheInvalidate(UserData.ofWords(1, asid, 0, 0).array(24), done)))
                .isZero();
        assertThat(bed.run(
                        viommu.cacheInvalidate(UserData.ofWords(1, asid, 0, 1).array(24), done)))
                .isEqualTo(Errno.E2BIG);
        assertThat(bed.run(viommu.cacheInvalidate(UserData.ofWords(1).array(16), done)))
                .isZero();
        assertThat(done.get()).isZero();
    }

    private int nest(int type, long... words) {
        RefCell<IommuDomain> result = bed.result();
        return bed.run(viommu.allocDomainNested(0, UserData.ofWords(type, words), result));
    }

    private static long s1(long extra) {
        return 1 | Ste.S1 << 1 | 0x5000 | extra;
    }

    @Test
    void shouldAcceptOnlyWhatUserSpaceMayGive() {
        assertThat(nest(2, s1(0), 0)).isZero();
        assertThat(nest(2, 0, -1)).isZero(); // V=0: taken as an abort
        assertThat(nest(2, 1 | Ste.BYPASS << 1, 0)).isZero();
        assertThat(nest(2, s1(0), 1L << 28)).isZero(); // EATS full
        assertThat(nest(2, s1(0), 2L << 28)).isEqualTo(Errno.EIO); // split stage
        assertThat(nest(2, s1(1L << 52), 0)).isEqualTo(Errno.EIO);
        assertThat(nest(2, s1(0), 1L << 44)).isEqualTo(Errno.EIO); // SHCFG
        assertThat(nest(2, 1 | Ste.S2 << 1, 0)).isEqualTo(Errno.EIO);
        assertThat(nest(2, 1 | Ste.NESTED << 1, 0)).isEqualTo(Errno.EIO);
        assertThat(nest(2, s1(0))).isEqualTo(Errno.EINVAL);
        assertThat(nest(1, s1(0), 0)).isEqualTo(Errno.EINVAL);
    }

    private long[] steOf(IommuMaster of) {
        long[] words = new long[Ste.WORDS];
        for (int i = 0; i < Ste.WORDS; i++) {
            words[i] = bed.memory.read64(bed.smmu().ste(of.function().requesterId()) + 8L * i);
        }
        return words;
    }

    @Test
    void shouldWriteNestedEntries() {
        bed.ok(bed.driver.attachDev(master, bed.nested(viommu, UserData.ofWords(2, s1(0), 4))));
        long[] ste = steOf(master);
        assertThat(Ste.text(ste)).startsWith("STE nested S1ContextPtr=0x5000").contains("S2VMID=2");
        assertThat(Ste.MEV.in(ste)).isEqualTo(1);
        assertThat(Ste.S1CIR.in(ste)).isEqualTo(1);

        bed.ok(bed.driver.attachDev(master, bed.nested(viommu, UserData.ofWords(2, 1 | Ste.BYPASS << 1, 0))));
        assertThat(Ste.CONFIG.intIn(steOf(master))).isEqualTo(Ste.S2);

        bed.ok(bed.driver.attachDev(master, bed.nested(viommu, UserData.ofWords(2, 0, 0))));
        assertThat(steOf(master)).isEqualTo(Ste.abort());
        bed.assertClean();
    }

    @Test
    void shouldNeedAVdeviceToTranslateOnly() {
        core.devices.clear();
        IommuDomain abort = bed.nested(viommu, UserData.ofWords(2, 0, 0));
        IommuDomain translate = bed.nested(viommu, UserData.ofWords(2, s1(0), 0));

        bed.ok(bed.driver.attachDev(master, abort));
        assertThat(bed.run(bed.driver.attachDev(master, translate))).isEqualTo(Errno.ENOENT);
        assertThat(master.domain()).isSameAs(abort);
        assertThat(parent.users()).isEqualTo(1);
    }

    @Test
    void shouldFlushTheVmidWhenItsLastUserLeaves() {
        IommuMaster other = bed.master(0x22);
        bed.ok(bed.driver.attachDev(other, parent));
        bed.ok(bed.driver.attachDev(master, bed.nested(viommu, UserData.ofWords(2, s1(0), 0))));
        bed.fake().commands.clear();

        bed.ok(bed.driver.attachDev(master, bed.driver.identityDomain()));
        assertThat(bed.fake().commands).doesNotContain("TLBI_S12_VMALL vmid=2");
        bed.ok(bed.driver.attachDev(other, bed.driver.blockedDomain()));
        assertThat(bed.fake().commands).contains("TLBI_S12_VMALL vmid=2");
        assertThat(bed.fake().commands.indexOf("TLBI_S12_VMALL vmid=2"))
                .isGreaterThan(bed.fake().commands.indexOf("CFGI_STE sid=0x22"));
    }

    @Test
    void shouldRefuseForeignParentsTypesAndDevices() {
        RefCell<VirtualIommu> result = bed.result();
        assertThat(bed.run(bed.driver.viommuInit(master, bed.paging(0), 1, core, UserData.NONE, result)))
                .isEqualTo(Errno.EINVAL);
        assertThat(bed.run(bed.driver.viommuInit(master, parent, 2, core, UserData.NONE, result)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(bed.run(viommu.vdeviceInit(master, 1L << 32))).isEqualTo(Errno.EINVAL);
        bed.ok(viommu.vdeviceInit(master, 5));
        bed.ok(viommu.vdeviceDestroy(master, 5));
        bed.ok(viommu.destroy());
        DriverTestbed elsewhere = DriverTestbed.fake(FakeSmmu.ALL);
        elsewhere.ok(elsewhere.driver.probe());
        assertThat(bed.run(viommu.vdeviceInit(elsewhere.master(3), 1))).isEqualTo(Errno.EINVAL);
        assertThat(bed.run(bed.driver.attachDev(master, elsewhere.paging(0)))).isEqualTo(Errno.EINVAL);
        assertThat(List.of(Ste.configName(Ste.CONFIG.intIn(steOf(master))))).containsExactly("abort");
    }
}
