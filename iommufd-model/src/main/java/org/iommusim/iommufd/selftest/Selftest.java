package org.iommusim.iommufd.selftest;

import java.util.Optional;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.TestOp;
import org.iommusim.iommufd.file.Answer;
import org.iommusim.iommufd.ioctl.IoctlHandler;
import org.iommusim.iommufd.ioctl.IoctlTable;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.program.Call;

/** IOMMU_TEST_CMD ({@code iommufd_test}): one ioctl, and in it the operations of the selftest. */
public final class Selftest {
    private final MockDriver driver;

    private Selftest(MockDriver driver) {
        this.driver = driver;
    }

    /**
     * The ioctls of a kernel that has the selftest.
     *
     * @param driver behind which new devices sit
     */
    public static IoctlTable table(MockDriver driver) {
        Selftest selftest = new Selftest(driver);
        return IoctlTable.LINUX.with(new IoctlHandler(TestOp.NUMBER, TestOp.HEAD, selftest::execute));
    }

    private Call<?> execute(Ucmd head) {
        Optional<TestOp> op = TestOp.find(head.u32("op"));
        if (op.isEmpty()) {
            return Answer.of(head.ctx().kernel(), Errno.EOPNOTSUPP);
        }
        Ucmd ucmd = head.as(op.get().layout());
        return switch (op.get()) {
            case ADD_RESERVED -> TestAddReserved.call(ucmd);
            case MOCK_DOMAIN -> TestMockDomain.call(driver, ucmd, 0);
            case MOCK_DOMAIN_FLAGS -> TestMockDomain.call(driver, ucmd, ucmd.u32("dev_flags"));
            case MOCK_DOMAIN_REPLACE -> TestAttach.replaceDevice(ucmd);
            case MD_CHECK_MAP -> TestCheckMap.call(ucmd);
            case MD_CHECK_REFS -> TestCheckRefs.call(ucmd);
            case MD_CHECK_IOTLB -> TestCheckCells.iotlb(ucmd);
            case DEV_CHECK_CACHE -> TestCheckCells.cache(ucmd);
            case CREATE_ACCESS -> TestCreateAccess.call(ucmd);
            case ACCESS_REPLACE_IOAS -> TestAccess.replaceIoas(ucmd);
            case ACCESS_PAGES -> TestAccessPages.call(ucmd);
            case DESTROY_ACCESS_PAGES -> TestAccess.destroyPages(ucmd);
            case ACCESS_RW -> TestAccessRw.call(ucmd);
            case SET_TEMP_MEMORY_LIMIT -> TestMemoryLimit.call(ucmd);
            case DIRTY -> TestDirty.call(ucmd);
            case TRIGGER_VEVENT -> TestTrigger.vevent(ucmd);
            case TRIGGER_IOPF -> TestTrigger.iopf(ucmd);
            case PASID_ATTACH -> TestAttach.attachPasid(ucmd);
            case PASID_REPLACE -> TestAttach.replacePasid(ucmd);
            case PASID_DETACH -> TestAttach.detachPasid(ucmd);
            case PASID_CHECK_HWPT -> TestPasidCheck.call(ucmd);
            case DMABUF_GET -> TestDmabuf.get(ucmd);
            case DMABUF_REVOKE -> TestDmabuf.revoke(ucmd);
        };
    }
}
