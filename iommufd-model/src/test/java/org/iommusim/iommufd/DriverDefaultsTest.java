package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Capability;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.testkit.FakeDriver;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.Test;

/** A driver without the newer operations: it answers as the kernel does where a pointer to an operation is missing. */
class DriverDefaultsTest {
    private static final Variable LOCAL = Variable.named("test.driver.defaults");

    private final Rig rig = new Rig();
    private final FakeDriver driver = rig.driver;
    private final IommuMaster master = rig.plug("nic", 0x100, driver).device().master();

    @Test
    void missingOperationsAnswerEopnotsupp() {
        driver.lackOptionalOperations();
        IntCell done = new IntCell(driver.world(), LOCAL, 1, 0);
        IommuFault fault = new IommuFault(IommuFault.LAST_PAGE, 0, 1, IommuFault.READ, 0x1000);
        assertThat(driver.hasDomainAllocNested()).isFalse();
        assertThat(driver.enableIopf(master)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rig.run(driver.setDevPasid(master, driver.blockedDomain(), 5, null)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rig.run(driver.pageResponse(master, fault, IommuFault.RESP_INVALID)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rig.run(driver.blockedDomain().cacheInvalidateUser(UserData.NONE.array(8), done)))
                .isEqualTo(Errno.EOPNOTSUPP);
    }

    @Test
    void hardwareInformationComesInTheDriversOwnFormatOnly() {
        int own = driver.hwInfo(master).type();
        assertThat(driver.hwInfo(master, HwInfo.TYPE_DEFAULT)).isNotNull();
        assertThat(driver.hwInfo(master, own)).isNotNull();
        assertThat(driver.hwInfo(master, own + 1)).isNull();
    }

    @Test
    void devicesAreCoherentAndNothingElse() {
        assertThat(driver.capable(master, Capability.CACHE_COHERENCY)).isTrue();
        assertThat(driver.capable(master, Capability.DIRTY_TRACKING)).isFalse();
        assertThat(driver.capable(master, Capability.ENFORCE_CACHE_COHERENCY)).isFalse();
        assertThat(master.maxPasids()).isZero();
        assertThat(driver.getResvRegions(master)).isEmpty();
    }

    @Test
    void onlyTheDriversVirtualIommuHasASize() {
        assertThat(driver.getViommuSize(master, driver.viommuType())).isPositive();
        assertThat(driver.getViommuSize(master, driver.viommuType() + 1)).isZero();
        assertThat(driver.getViommuSize(master, 0)).isZero();
    }
}
