package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every step that can fail does: nothing may be left behind, and the same call succeeds afterwards. */
class UnwindTest {
    private final Rig rig = new Rig();
    private VfioFile file;
    private int dev;
    private int ioas;
    private int parent;
    private int viommu;

    @BeforeEach
    void makeViommu() {
        file = rig.open(rig.plug("net0", 0x100));
        dev = rig.bind(file);
        ioas = rig.ioasAlloc();
        parent = rig.hwptAlloc(dev, ioas, true);
        viommu = rig.viommuAlloc(dev, parent);
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
        rig.close(file);
        rig.closeContext();
        assertThat(rig.ctx.released()).isTrue();
        assertThat(rig.violations()).isEmpty();
    }

    private void failStep(String step, int errno) {
        int colon = step.indexOf(':');
        if (colon < 0) {
            rig.driver.fail(step, errno);
        } else {
            rig.inject(step.substring(0, colon), step.substring(colon + 1).strip(), errno);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IOMMU_VDEVICE_ALLOC: iommufd_object_alloc, -12",
        "'IOMMU_VDEVICE_ALLOC: xa_insert virt_id, reserved', -12",
        "vdevice_init, -22",
        "IOMMU_VDEVICE_ALLOC: iommufd_ucmd_respond, -14"
    })
    void shouldUnwindVdeviceAlloc(String step, int errno) {
        failStep(step, errno);
        assertThat(rig.vdeviceAlloc(viommu, dev, 8)).isEqualTo(errno);
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.invalidate(viommu, 8)).isEqualTo(Errno.EIO);
        assertThat(rig.ctx.objects().reservedIds()).isEmpty();
        assertThat(rig.driver.count("vdevice_destroy")).isEqualTo(step.endsWith("respond") ? 1 : 0);

        failStep(step, 0);
        assertThat(rig.vdeviceAlloc(viommu, dev, 8)).isPositive();
        assertThat(rig.invalidate(viommu, 8)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "IOMMU_VIOMMU_ALLOC: iommufd_object_alloc, -12",
        "viommu_init, -95",
        "IOMMU_VIOMMU_ALLOC: iommufd_ucmd_respond, -14"
    })
    void shouldUnwindViommuAlloc(String step, int errno) {
        failStep(step, errno);
        assertThat(rig.viommuAlloc(dev, parent)).isEqualTo(errno);
        assertThat(rig.ctx.objects().reservedIds()).isEmpty();
        assertThat(rig.driver.count("viommu_destroy")).isEqualTo(step.endsWith("respond") ? 1 : 0);

        failStep(step, 0);
        assertThat(rig.viommuAlloc(dev, parent)).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"IOMMU_IOAS_ALLOC: iommufd_object_alloc, -12", "IOMMU_IOAS_ALLOC: iommufd_ucmd_respond, -14"})
    void shouldUnwindIoasAlloc(String step, int errno) {
        failStep(step, errno);
        assertThat(rig.ioasAlloc()).isEqualTo(errno);
        assertThat(rig.ctx.objects().reservedIds()).isEmpty();

        failStep(step, 0);
        assertThat(rig.ioasAlloc()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "iommufd_hwpt_paging_alloc: iommufd_object_alloc, -12",
        "domain_alloc_paging, -95",
        "map_pages, -12",
        "iopt_table_add_domain: xa_reserve, -12",
        "iopt_area_fill_domain: pin_user_pages, -12",
        "IOMMU_HWPT_ALLOC: iommufd_ucmd_respond, -14"
    })
    void shouldUnwindHwptAlloc(String step, int errno) {
        int other = rig.ioasAlloc();
        long va = rig.process.mmap(4L << 20, false);
        assertThat(rig.map(other, va, 1 << 20, 0x100000)).isZero();
        assertThat(rig.map(other, va, 1 << 20, 0x300000)).isZero();
        failStep(step, errno);
        assertThat(rig.hwptAlloc(dev, other, false)).isEqualTo(errno);
        assertThat(rig.ctx.objects().reservedIds()).isEmpty();
        assertThat(rig.process.pinnedPages()).isZero();

        failStep(step, 0);
        assertThat(rig.hwptAlloc(dev, other, false)).isPositive();
        assertThat(rig.process.pinnedPages()).isEqualTo(512);
    }

    @ParameterizedTest
    @CsvSource({
        "IOMMU_HWPT_ALLOC: iommufd_object_alloc, -12",
        "alloc_domain_nested, -5",
        "IOMMU_HWPT_ALLOC: iommufd_ucmd_respond, -14"
    })
    void shouldUnwindNestedAlloc(String step, int errno) {
        failStep(step, errno);
        assertThat(rig.nestedAlloc(dev, viommu)).isEqualTo(errno);

        failStep(step, 0);
        assertThat(rig.nestedAlloc(dev, viommu)).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "iopt_map_common: iopt_alloc_pages, -12",
        "iopt_map_pages: iopt_alloc_area_pages, -12",
        "iopt_area_fill_domains: pin_user_pages, -12",
        "map_pages, -12"
    })
    void shouldUnwindMap(String step, int errno) {
        rig.hwptAlloc(dev, ioas, false);
        long va = rig.process.mmap(1 << 20, false);
        failStep(step, errno);
        assertThat(rig.map(ioas, va, 1 << 20, 0x100000)).isEqualTo(errno);
        assertThat(rig.process.pinnedPages()).isZero();

        failStep(step, 0);
        assertThat(rig.map(ioas, va, 1 << 20, 0x100000)).isZero();
        assertThat(rig.process.pinnedPages()).isEqualTo(256);
    }

    @ParameterizedTest
    @CsvSource({
        "attach_dev, -12",
        "iommufd_hwpt_paging_alloc: iommufd_object_alloc, -12",
        "domain_alloc_paging, -12",
        "map_pages, -12"
    })
    void shouldUnwindAttachToAnIoas(String step, int errno) {
        int other = rig.ioasAlloc();
        rig.map(other, rig.process.mmap(1 << 20, false), 1 << 20, 0x100000);
        failStep(step, errno);
        assertThat(rig.attach(file, other)).isEqualTo(errno);
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.process.pinnedPages()).isZero();

        failStep(step, 0);
        assertThat(rig.attach(file, other)).isZero();
        failStep(step, errno);
        int third = rig.ioasAlloc();
        rig.map(third, rig.process.mmap(1 << 20, false), 1 << 20, 0x100000);
        assertThat(rig.attach(file, third)).isEqualTo(errno);
        failStep(step, 0);
        assertThat(rig.destroy(third)).isZero();
        assertThat(rig.destroy(other)).isEqualTo(Errno.EBUSY);
    }

    @ParameterizedTest
    @CsvSource({
        "attach_dev, -12",
        "iommufd_device_bind: iommufd_object_alloc, -12",
        "VFIO_DEVICE_BIND_IOMMUFD: copy out_devid, -14"
    })
    void shouldUnwindBind(String step, int errno) {
        VfioFile other = rig.open(rig.plug("net1", 0x108));
        failStep(step, errno);
        assertThat(rig.run(Vfio.bind(other, rig.ctx))).isEqualTo(errno);
        assertThat(rig.audit()).isEmpty();

        failStep(step, 0);
        rig.bind(other);
        rig.close(other);
    }

    @Test
    void shouldAnswerEinvalForASecondBind() {
        assertThat(rig.run(Vfio.bind(file, rig.ctx))).isEqualTo(Errno.EINVAL);
    }
}
