package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.ioctl.FaultQueueAlloc;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.QueueFile;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** I/O page faults: who gets them, who answers them, and what becomes of them when an attachment ends. */
class FaultTest {
    private static final int FAULT_ID_VALID = HwptPagingAlloc.FAULT_ID_VALID;

    private final Rig rig = new Rig();
    private final VfioFile file = rig.open(rig.plug("net0", 0x100));
    private final int dev = rig.bind(file);
    private final int ioas = rig.ioasAlloc();
    private final Fault fault = rig.faultQueueAlloc();
    private final QueueFile queue = new QueueFile(rig, fault);
    private final int hwpt = rig.hwptAlloc(dev, ioas, FAULT_ID_VALID, fault.id());
    private final int plain = rig.hwptAlloc(dev, ioas, false);

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int request(int group, int flags, long address) {
        return rig.run(rig.driver.pageRequest(0, new IommuFault(flags, 0, group, IommuFault.READ, address)));
    }

    private int last(int group) {
        return request(group, IommuFault.LAST_PAGE, group * 0x1000L);
    }

    @Test
    void shouldDeliverAndAnswer() {
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(queue.poll()).isEqualTo("OUT");
        assertThat(last(7)).isZero();
        assertThat(queue.poll()).isEqualTo("IN OUT");
        assertThat(queue.read(40)).isEqualTo(40);
        // flags, device, pasid, group, permissions, reserved, address, length, cookie
        assertThat(queue.words(10)).containsExactly(2, dev, 0, 7, 1, 0, 0x7000, 0, 0, 1);
        assertThat(queue.read(40)).isZero();
        assertThat(rig.driver.responses()).isEmpty();
        assertThat(queue.write(1, IommuFault.RESP_SUCCESS)).isEqualTo(8);
        assertThat(rig.driver.responses()).containsExactly("net0 7 0");
        assertThat(queue.write(1, IommuFault.RESP_SUCCESS)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldDeliverAGroupAsAWholeInItsOrder() {
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(request(1, 0, 0xa000)).isZero();
        assertThat(request(2, 0, 0xb000)).isZero();
        assertThat(request(1, 0, 0xc000)).isZero();
        assertThat(queue.read(400)).isZero();
        assertThat(last(1)).isZero();
        assertThat(queue.read(80)).isEqualTo(Errno.EINVAL);
        assertThat(queue.read(160)).isEqualTo(120);
        assertThat(queue.words(30)).satisfies(words -> {
            assertThat(new int[] {words[6], words[16], words[26]}).containsExactly(0xa000, 0xc000, 0x1000);
            assertThat(new int[] {words[9], words[19], words[29]}).containsOnly(1);
        });
        assertThat(last(2)).isZero();
        assertThat(queue.read(80)).isEqualTo(80);
        assertThat(queue.write(2, 0, 1, 1)).isEqualTo(16);
        assertThat(rig.driver.responses()).containsExactly("net0 2 0", "net0 1 1");
    }

    @Test
    void shouldCheckReadsAndWrites() {
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(queue.read(0)).isZero();
        assertThat(last(1)).isZero();
        assertThat(queue.read(39)).isEqualTo(Errno.ESPIPE);
        assertThat(queue.read(0)).isEqualTo(Errno.EINVAL);
        assertThat(queue.readAt(0x10, 40)).isEqualTo(Errno.EFAULT);
        rig.inject("iommufd_fault_fops_read", "xa_alloc cookie", Errno.ENOMEM);
        assertThat(queue.read(40)).isEqualTo(Errno.ENOMEM);
        rig.inject("iommufd_fault_fops_read", "xa_alloc cookie", 0);
        assertThat(queue.read(120)).isEqualTo(40);
        assertThat(queue.write(1, 2)).isEqualTo(Errno.EINVAL);
        assertThat(queue.write(1)).isEqualTo(Errno.ESPIPE);
        assertThat(queue.write(1, 0, 9, 0)).isEqualTo(8);
    }

    @Test
    void shouldAnswerForUserSpaceWhenTheAttachmentEnds() {
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(last(1)).isZero();
        assertThat(last(2)).isZero();
        assertThat(queue.read(40)).isEqualTo(40);
        assertThat(rig.attach(file, plain)).isZero();
        // First those that nobody has read.
        assertThat(rig.driver.responses()).containsExactly("net0 2 1", "net0 1 1");
        assertThat(queue.read(40)).isZero();
        assertThat(queue.write(1, 0)).isEqualTo(Errno.EINVAL);
        assertThat(last(3)).isEqualTo(Errno.EINVAL);
        assertThat(rig.driver.responses()).contains("net0 3 1");
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(last(4)).isZero();
        assertThat(rig.run(Vfio.detach(file))).isZero();
        assertThat(rig.driver.responses()).contains("net0 4 1");
        assertThat(rig.driver.count("enable_iopf")).isEqualTo(rig.driver.count("disable_iopf"));
    }

    @Test
    void shouldKeepFaultsOfTheOldHwptOutOfTheNew() {
        int other = rig.hwptAlloc(dev, ioas, FAULT_ID_VALID, fault.id());
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(last(1)).isZero();
        assertThat(rig.attach(file, other)).isZero();
        assertThat(rig.driver.responses()).containsExactly("net0 1 1");
        assertThat(last(2)).isZero();
        assertThat(queue.read(80)).isEqualTo(40);
        assertThat(rig.destroy(other)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(hwpt)).isZero();
        assertThat(rig.run(Vfio.detach(file))).isZero();
        assertThat(rig.destroy(other)).isZero();
    }

    @Test
    void shouldKeepTheFaultsIfTheReplaceFails() {
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(last(1)).isZero();
        rig.driver.fail("attach_dev", Errno.ENOMEM);
        assertThat(rig.attach(file, plain)).isEqualTo(Errno.ENOMEM);
        rig.driver.fail("attach_dev", 0);
        assertThat(rig.driver.responses()).isEmpty();
        assertThat(queue.read(40)).isEqualTo(40);
        assertThat(queue.write(1, 0)).isEqualTo(8);
        assertThat(last(2)).isZero();
        assertThat(rig.run(Vfio.detach(file))).isZero();
    }

    @Test
    void shouldSendFaultsOfAPasidToItsOwnHwpt() {
        rig.driver.maxPasids(1 << 20);
        Idev idev = (Idev) rig.ctx.objects().live().get(0);
        int rid = rig.hwptAlloc(dev, ioas, HwptPagingAlloc.PASID, 0);
        int own = rig.hwptAlloc(dev, ioas, HwptPagingAlloc.PASID | FAULT_ID_VALID, fault.id());
        assertThat(rig.attach(file, rid)).isZero();
        assertThat(rig.run(DeviceAttach.attach(idev, 9, own))).isZero();
        int flags = IommuFault.LAST_PAGE | IommuFault.PASID_VALID;
        assertThat(rig.run(rig.driver.pageRequest(0, new IommuFault(flags, 8, 1, 1, 0x1000))))
                .isEqualTo(Errno.EINVAL);
        assertThat(rig.run(rig.driver.pageRequest(0, new IommuFault(flags, 9, 2, 1, 0x2000))))
                .isZero();
        assertThat(last(3)).isEqualTo(Errno.EINVAL);
        assertThat(queue.read(120)).isEqualTo(40);
        assertThat(rig.run(DeviceAttach.detach(idev, 9))).isZero();
        assertThat(queue.write(1, 0)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldFailAGroupForWhichThereIsNoMemory() {
        assertThat(rig.attach(file, hwpt)).isZero();
        rig.inject("iommu_report_device_fault", "iopf_group_alloc", Errno.ENOMEM);
        assertThat(last(1)).isZero();
        assertThat(rig.driver.responses()).containsExactly("net0 1 2");
        assertThat(queue.read(40)).isZero();
    }

    @Test
    void shouldHoldTheQueueByItsFileAndItsHwpts() {
        assertThat(rig.destroy(fault.id())).isEqualTo(Errno.EBUSY);
        queue.close();
        assertThat(rig.destroy(fault.id())).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(hwpt)).isZero();
        assertThat(rig.destroy(fault.id())).isZero();
    }

    @Test
    void shouldKeepTheContextByTheFileOfAQueue() {
        rig.close(file);
        rig.closeContext();
        assertThat(rig.ctx.released()).isFalse();
        assertThat(queue.poll()).isEqualTo("OUT");
        queue.close();
        assertThat(rig.ctx.released()).isTrue();
    }

    @Test
    void shouldUndoAQueueThatCannotBeMade() {
        for (String step : List.of(
                "IOMMU_FAULT_QUEUE_ALLOC: iommufd_object_alloc",
                "iommufd_eventq_init: anon_inode_getfile",
                "IOMMU_FAULT_QUEUE_ALLOC: iommufd_ucmd_respond")) {
            String[] where = step.split(": ");
            rig.inject(where[0], where[1], Errno.ENOMEM);
            assertThat(rig.run(rig.ioctl(FaultQueueAlloc.call(rig.ctx))))
                    .as(step)
                    .isEqualTo(Errno.ENOMEM);
            rig.inject(where[0], where[1], 0);
            assertThat(rig.audit()).as(step).isEmpty();
        }
    }
}
