package org.iommusim.iommufd.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.iommufd.vfio.VfioDevice;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.event.TimedChoice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each kernel answers while nobody else is running: the rules of the review, and how each kernel departs from them. */
class SequentialOutcomesTest {
    private static final long VIRT_ID = 8;
    private static final String OF_FINALIZE = "WARN: iommufd_object_finalize";
    private static final String NULL_POINTER = "a null pointer follows";

    /** A machine of one kernel with a bound device and a vIOMMU. */
    private static final class Machine {
        final Rig rig;
        final PciSlot slot;
        final VfioDevice device;
        final VfioFile file;
        final int dev;
        final int parent;
        final int viommu;

        Machine(String kernel) {
            rig = new Rig(new TimedChoice(), Kernels.find(kernel).orElseThrow());
            slot = rig.slot("net0", 0x100, rig.driver);
            assertThat(rig.run(Hotplug.plug(slot))).isZero();
            device = Rig.device(slot);
            file = rig.open(device);
            dev = rig.bind(file);
            parent = rig.hwptAlloc(dev, rig.ioasAlloc(), true);
            viommu = rig.viommuAlloc(dev, parent);
        }

        String vdeviceAlloc(int dev, long virtId) {
            return name(rig.vdeviceAlloc(viommu, dev, virtId));
        }

        /** Warnings without those of a kernel that warns of every object. */
        List<String> violations() {
            return rig.violations().stream()
                    .filter(v -> !v.startsWith(OF_FINALIZE))
                    .toList();
        }

        void nothingWasWrong() {
            assertThat(violations()).isEmpty();
            assertThat(rig.audit()).isEmpty();
            assertThat(rig.footprints.undeclared()).isEmpty();
        }
    }

    private static String name(int answer) {
        return answer > 0 ? "OK" : Errno.name(answer);
    }

    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, textBlock = """
        kernel,            same virt_id, same device, foreign device
        v5-posted,         EBUSY,        EEXIST,      OK
        v5-review,         EBUSY,        OK,          EINVAL
        v5-review-literal, EBUSY,        OK,          EINVAL
        zombie,            EEXIST,       EEXIST,      EINVAL
        linux-6.13,        EEXIST,       OK,          EINVAL
        rfc1-auto-destroy, EEXIST,       EINVAL,      EINVAL
        xu-v2,             EEXIST,       EEXIST,      EINVAL
        xu-v3,             EEXIST,       EEXIST,      EINVAL
        linux-6.17,        EEXIST,       EEXIST,      EINVAL
        linux-7.3,         EEXIST,       EEXIST,      EINVAL
        """)
    void shouldRefuseAllocations(String kernel, String sameVirtId, String sameDevice, String foreign) {
        Machine m = new Machine(kernel);
        int otherDev = m.rig.bind(m.rig.open(m.rig.plug("net1", 0x108)));
        int foreignDev = m.rig.bind(m.rig.open(m.rig.plug("gpu0", 0x200, m.rig.otherDriver)));
        assertThat(m.vdeviceAlloc(m.dev, VIRT_ID)).isEqualTo("OK");

        assertThat(m.vdeviceAlloc(m.dev, VIRT_ID + 1)).isEqualTo(sameDevice);
        assertThat(m.vdeviceAlloc(foreignDev, VIRT_ID + 2)).isEqualTo(foreign);
        m.nothingWasWrong();

        assertThat(m.vdeviceAlloc(otherDev, VIRT_ID)).isEqualTo(sameVirtId);
        assertThat(m.rig.invalidate(m.viommu, VIRT_ID)).isZero();
        assertThat(m.rig.audit()).isEmpty();
        assertThat(m.violations()).hasSize(warnsOfDuplicates(kernel));
    }

    /** The abort finds the winner at the virtual id; or it runs before the vDEVICE points to its idev. */
    private static int warnsOfDuplicates(String kernel) {
        return switch (kernel) {
            case "v5-posted", "v5-review", "v5-review-literal", "rfc1-auto-destroy" -> 1;
            default -> 0;
        };
    }

    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, textBlock = """
        kernel,            reads the device, keeps its id, virt_id again, destroy vdev, destroy viommu
        v5-posted,         EIO,              false,        OK,            ENOENT,       OK
        v5-review,         OK,               true,         EBUSY,         OK,           EBUSY
        v5-review-literal, OK,               true,         EBUSY,         OK,           EBUSY
        zombie,            EIO,              true,         EEXIST,        OK,           EBUSY
        linux-6.13,        OK,               true,         EEXIST,        OK,           EBUSY
        rfc1-auto-destroy, EIO,              false,        OK,            ENOENT,       OK
        xu-v2,             EIO,              true,         OK,            ENOENT,       OK
        xu-v3,             EIO,              true,         OK,            ENOENT,       OK
        linux-6.17,        EIO,              true,         OK,            ENOENT,       OK
        linux-7.3,         EIO,              true,         OK,            ENOENT,       OK
        """)
    void shouldTreatAForgottenVdevice(
            String kernel,
            String invalidate,
            boolean keepsId,
            String virtIdAgain,
            String destroyVdev,
            String destroyViommu) {
        Machine m = new Machine(kernel);
        int vdev = m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID);
        assertThat(name(m.rig.destroy(m.viommu))).isEqualTo("EBUSY");

        m.rig.close(m.file);

        assertThat(m.rig.ctx.objects().load(m.dev)).as("the idev").isNull();
        assertThat(name(m.rig.invalidate(m.viommu, VIRT_ID))).isEqualTo(invalidate);
        assertThat(name(m.rig.destroy(m.viommu))).isEqualTo(destroyViommu);
        int viommu = destroyViommu.equals("OK") ? again(m) : m.viommu;
        boolean kept =
                m.rig.ctx.objects().load(vdev) != null || m.rig.ctx.objects().reserved(vdev);
        assertThat(kept).isEqualTo(keepsId);
        m.nothingWasWrong();

        int replugged = m.rig.bind(m.rig.open(m.device));
        int second = m.rig.vdeviceAlloc(viommu, replugged, VIRT_ID);
        assertThat(name(second)).isEqualTo(virtIdAgain);
        if (keepsId) {
            assertThat(name(m.rig.destroy(vdev))).isEqualTo(destroyVdev);
        }
        if (second < 0) {
            assertThat(m.rig.vdeviceAlloc(viommu, replugged, VIRT_ID)).isPositive();
        }
        assertThat(m.rig.audit()).isEmpty();
    }

    private static int again(Machine m) {
        int dev = m.rig.bind(m.rig.open(m.rig.plug("net1", 0x108)));
        return m.rig.viommuAlloc(dev, m.parent);
    }

    @ParameterizedTest
    @CsvSource({
        "v5-posted, true", "v5-review, false", "v5-review-literal, false", "zombie, false", "linux-6.13, false",
        "rfc1-auto-destroy, true", "xu-v2, false", "xu-v3, false", "linux-6.17, false", "linux-7.3, false"
    })
    void shouldHitAnotherObjectWithAStaleIdOnlyWhereTheIdWasFreed(String kernel, boolean hits) {
        Machine m = new Machine(kernel);
        int vdev = m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID);
        m.rig.close(m.file);
        int first = m.rig.ioasAlloc();
        int second = m.rig.ioasAlloc();

        assertThat(List.of(first, second).contains(vdev)).isEqualTo(hits);
        m.rig.destroy(vdev);

        boolean bothLive =
                m.rig.ctx.objects().load(first) != null && m.rig.ctx.objects().load(second) != null;
        assertThat(bothLive).isEqualTo(!hits);
    }

    @ParameterizedTest
    @CsvSource({
        "v5-posted",
        "v5-review",
        "v5-review-literal",
        "zombie",
        "linux-6.13",
        "xu-v2",
        "xu-v3",
        "linux-6.17",
        "linux-7.3"
    })
    void shouldLetTheWellBehavedGoInSilence(String kernel) {
        Machine m = new Machine(kernel);
        int vdev = m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID);
        HostDevice device = m.device.device();
        assertThat(m.rig.destroy(vdev)).isZero();
        assertThat(device.references()).isZero();
        assertThat(m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID)).isPositive();
        assertThat(m.rig.destroy(vdev)).isZero();
        m.rig.close(m.file);
        assertThat(m.rig.destroy(m.viommu)).isZero();
        m.nothingWasWrong();
        m.rig.closeContext();

        assertThat(m.rig.ctx.released()).isTrue();
        m.nothingWasWrong();
        assertThat(m.rig.violations().isEmpty()).isEqualTo(!kernel.equals("v5-review-literal"));
    }

    @ParameterizedTest
    @CsvSource({
        "v5-posted",
        "v5-review",
        "v5-review-literal",
        "zombie",
        "linux-6.13",
        "rfc1-auto-destroy",
        "xu-v2",
        "xu-v3",
        "linux-6.17",
        "linux-7.3"
    })
    void shouldFreeEverythingWhenOnlyFilesAreClosed(String kernel) {
        Machine m = new Machine(kernel);
        m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID);
        HostDevice device = m.device.device();

        m.rig.closeContext();
        assertThat(m.rig.ctx.released()).isFalse();
        m.rig.close(m.file);

        assertThat(m.rig.ctx.released()).isTrue();
        assertThat(m.rig.ctx.objects().live()).isEmpty();
        assertThat(device.references()).isZero();
        m.nothingWasWrong();
    }

    @Test
    void shouldNotLetUserSpaceDestroyAVdeviceThatTheKernelHolds() {
        Machine m = new Machine("rfc1-auto-destroy");
        int vdev = m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID);

        assertThat(m.rig.destroy(vdev)).isEqualTo(Errno.EBUSY);
        m.rig.close(m.file);
        m.nothingWasWrong();
    }

    @ParameterizedTest
    @CsvSource({
        "v5-posted, false", "v5-review, true", "v5-review-literal, true", "zombie, false", "linux-6.13, true",
        "rfc1-auto-destroy, false", "xu-v2, false", "xu-v3, false", "linux-6.17, false", "linux-7.3, false"
    })
    void shouldFollowAVdeviceToADeviceThatIsGoneOnlyWhereItOutlivesTheBinding(String kernel, boolean uses) {
        Machine m = new Machine(kernel);
        m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID);
        m.rig.close(m.file);
        assertThat(m.rig.run(Hotplug.unplug(m.slot))).isZero();
        m.nothingWasWrong();

        m.rig.invalidate(m.viommu, VIRT_ID);

        assertThat(m.violations().stream().anyMatch(v -> v.contains("is used after iommu_release_device")))
                .isEqualTo(uses);
    }

    @ParameterizedTest
    @CsvSource({
        "v5-posted, xa_cmpxchg virt_id", "v5-review, xa_cmpxchg virt_id", "v5-review-literal, xa_cmpxchg virt_id",
        "zombie, xa_cmpxchg virt_id", "linux-6.13, xa_cmpxchg virt_id", "rfc1-auto-destroy, xa_cmpxchg virt_id",
        "xu-v2, xa_cmpxchg virt_id", "xu-v3, xa_cmpxchg virt_id", "linux-6.17, xa_cmpxchg virt_id",
        "linux-7.3, 'xa_insert virt_id, reserved'"
    })
    void shouldTakeBackWhatFails(String kernel, String insert) {
        Machine m = new Machine(kernel);
        for (String step : List.of("iommufd_object_alloc", insert, "iommufd_ucmd_respond")) {
            m.rig.inject("IOMMU_VDEVICE_ALLOC", step, Errno.ENOMEM);
            assertThat(m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID)).isEqualTo(Errno.ENOMEM);
            m.rig.inject("IOMMU_VDEVICE_ALLOC", step, 0);

            assertThat(m.rig.audit()).as(step).isEmpty();
            assertThat(m.rig.ctx.objects().reservedIds()).as(step).isEmpty();
            assertThat(m.device.device().references()).as(step).isZero();
            assertThat(m.rig.invalidate(m.viommu, VIRT_ID)).as(step).isEqualTo(Errno.EIO);
        }
        assertThat(m.violations()).allMatch(v -> v.contains(NULL_POINTER) && kernel.equals("rfc1-auto-destroy"));
        assertThat(m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID)).isPositive();
    }
}
