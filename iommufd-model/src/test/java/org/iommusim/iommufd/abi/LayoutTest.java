package org.iommusim.iommufd.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.api.Test;

/** Every structure of the user API: where its fields are, and that bytes and values say the same. */
class LayoutTest {
    private static List<StructLayout> layouts() {
        List<StructLayout> all = new ArrayList<>(DataLayouts.all());
        for (IommufdIoctl ioctl : IommufdIoctl.values()) {
            all.add(ioctl.layout());
        }
        for (VfioCompatIoctl ioctl : VfioCompatIoctl.values()) {
            all.add(ioctl.layout());
        }
        for (TestOp op : TestOp.values()) {
            all.add(op.layout());
        }
        return all;
    }

    @Test
    void shouldNumberIoctlsWithoutGaps() {
        assertThat(IommufdIoctl.DESTROY.number()).isEqualTo(0x3b80);
        assertThat(IommufdIoctl.IOAS_NOIOMMU_GET_PA.number()).isEqualTo(0x3b95);
        for (IommufdIoctl ioctl : IommufdIoctl.values()) {
            assertThat(IommufdIoctl.find(ioctl.number())).contains(ioctl);
        }
        assertThat(IommufdIoctl.find(0x3b7f)).isEmpty();
        assertThat(IommufdIoctl.find(0x3b96)).isEmpty();
        assertThat(IommufdIoctl.HWPT_ALLOC.kernelName()).isEqualTo("IOMMU_HWPT_ALLOC");
        assertThat(VfioCompatIoctl.find(0x3b71)).contains(VfioCompatIoctl.VFIO_IOMMU_MAP_DMA);
        assertThat(VfioCompatIoctl.find(0x3b73)).isEmpty();
        assertThat(TestOp.find(23)).contains(TestOp.DMABUF_REVOKE);
        assertThat(TestOp.find(0)).isEmpty();
        assertThat(TestOp.find(24)).isEmpty();
        assertThat(TestOp.PASID_CHECK_HWPT.kernelName()).isEqualTo("IOMMU_TEST_OP_PASID_CHECK_HWPT");
    }

    @Test
    void shouldBeginWithTheSizeAndFillTheStructure() {
        for (IommufdIoctl ioctl : IommufdIoctl.values()) {
            StructLayout layout = ioctl.layout();
            assertThat(layout.field("size").offset()).isZero();
            assertThat(layout.minSize()).isBetween(8, layout.size());
            assertThat(layout.fields().stream().mapToInt(StructField::end).max())
                    .hasValue(layout.size());
        }
    }

    @Test
    void shouldAlignEveryField() {
        for (StructLayout layout : layouts()) {
            for (StructField field : layout.fields()) {
                assertThat(field.offset() % field.type().bytes())
                        .as(layout + "." + field)
                        .isZero();
            }
        }
    }

    @Test
    void shouldOverlapOnlyInTheUnionOfHwInfo() {
        List<String> overlapping = new ArrayList<>();
        for (StructLayout layout : layouts()) {
            int end = 0;
            for (StructField field : layout.fields()) {
                if (field.offset() < end && !field.name().equals("last") && field.offset() != 16) {
                    overlapping.add(field.name());
                }
                end = field.end();
            }
        }
        assertThat(overlapping).containsExactly("out_data_type");
    }

    @Test
    void shouldPutBytesWhereTheKernelReadsThem() {
        StructImage image = IommufdIoctl.IOAS_MAP.layout().encode(Map.of("size", 40L, "iova", 0x0102030405060708L));

        assertThat(image.bytes()).hasSize(40).startsWith(40, 0, 0, 0).endsWith(8, 7, 6, 5, 4, 3, 2, 1);
        assertThat(image.u32("size")).isEqualTo(40);
        assertThat(image.u64("iova")).isEqualTo(0x0102030405060708L);
    }

    @Test
    void shouldExtendByTheTypeOfTheField() {
        StructLayout file = IommufdIoctl.IOAS_MAP_FILE.layout();
        StructImage image = file.encode(Map.of("fd", -1L, "ioas_id", -1L));

        assertThat(image.number("fd")).isEqualTo(-1);
        assertThat(image.number("ioas_id")).isEqualTo(0xffff_ffffL);
        assertThat(image.u32("ioas_id")).isEqualTo(-1);
        assertThat(image.unsigned("ioas_id")).isEqualTo(0xffff_ffffL);
        assertThatThrownBy(() -> image.u32("iova")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> image.u64("ioas_id")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> image.number("nothing")).hasMessageContaining("has no field nothing");
    }

    @Test
    void shouldReadElementsOfArrays() {
        StructImage ste = DataLayouts.HWPT_ARM_SMMUV3.encode(Map.of("ste[1]", 5L));

        assertThat(ste.number("ste", 1)).isEqualTo(5);
        assertThat(ste.bytes()[8]).isEqualTo((byte) 5);
        assertThatThrownBy(() -> ste.number("ste", 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        var random = new RandomStreams(4).split("layouts");
        for (StructLayout layout : layouts()) {
            for (int round = 0; round < 20; round++) {
                SortedMap<String, Long> values = new TreeMap<>();
                for (StructField field : layout.fields()) {
                    for (int i = 0; i < field.count(); i++) {
                        String key = field.count() == 1 ? field.name() : field.name() + "[" + i + "]";
                        values.put(key, field.type().fit(random.nextLong()));
                    }
                }
                if (layout.has("in_data_type")) {
                    values.put("in_data_type", values.get("out_data_type"));
                }
                StructImage image = layout.encode(values);
                assertThat(layout.decode(image.bytes())).isEqualTo(values);
                assertThat(image.writer().image()).isEqualTo(image);
            }
        }
    }

    @Test
    void shouldLeaveAnImageAloneWhenACopyChanges() {
        StructImage before = IommufdIoctl.DESTROY.layout().encode(Map.of("id", 3L));
        StructImage after = before.writer().set("id", 4).image();

        assertThat(before.u32("id")).isEqualTo(3);
        assertThat(after.u32("id")).isEqualTo(4);
        assertThat(after.stableId()).isNotEqualTo(before.stableId());
    }
}
