package org.iommusim.vtd.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.spec.BitField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvTest {
    private static final Cap FULL =
            new Cap(Cap.MAMV.with(0, 9), mask(Cap.DT) | mask(Cap.IR) | mask(Cap.SMTS) | mask(Cap.PRS) | mask(Cap.PDS));

    private static long mask(BitField field) {
        return field.mask();
    }

    private static Cap without(BitField field) {
        return new Cap(FULL.cap(), FULL.ecap() & ~field.mask());
    }

    private static int error(long w0, long w1) {
        return InvChecks.error(w0, w1, 0, 0, FULL);
    }

    private static void assertDescriptor(long w0, long w1, long wanted0, long wanted1, String text) {
        assertThat(w0).isEqualTo(wanted0);
        assertThat(w1).isEqualTo(wanted1);
        assertThat(InvText.text(w0, w1)).isEqualTo(text);
        assertThat(error(w0, w1)).isEqualTo(Reg.IQEI_NONE);
        assertThat(InvChecks.error(w0, w1, 1, 0, FULL)).isEqualTo(Reg.IQEI_RESERVED);
        assertThat(InvChecks.error(w0, w1, 0, 1, FULL)).isEqualTo(Reg.IQEI_RESERVED);
    }

    @Test
    void shouldBuildContextInvalidations() {
        assertDescriptor(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0), 0, 0x11, 0, "context global");
        assertDescriptor(Inv.context0(Inv.G_CONTEXT_DOMAIN, 7, 0, 0), 0, 0x7_0021, 0, "context domain did=7");
        assertDescriptor(
                Inv.context0(Inv.G_CONTEXT_DEVICE, 7, 0x4228, 3),
                0,
                0x3_4228_0007_0031L,
                0,
                "context device did=7 sid=0x4228 fm=3");
        assertThat(error(0x1, 0)).isEqualTo(Reg.IQEI_RESERVED);
        assertThat(InvText.text(0x1, 0)).isEqualTo("context g=0");
        assertThat(Inv.functionBits(3)).isEqualTo(7);
    }

    @Test
    void shouldBuildIotlbInvalidations() {
        assertDescriptor(
                Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true), 0, 0xd2, 0, "iotlb global drain-reads drain-writes");
        assertDescriptor(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, 7, false, false), 0, 0x7_0022, 0, "iotlb domain did=7");
        assertDescriptor(
                Inv.iotlb0(Inv.G_IOTLB_PAGE, 7, false, true),
                Inv.pages1(0x1234_5678, 9, true),
                0x7_0072,
                0x1234_5049,
                "iotlb page did=7 addr=0x12345000 am=9 leaf drain-writes");
        assertThat(error(0x32, 10)).isEqualTo(Reg.IQEI_RESERVED); // wider than MAMV
        assertThat(error(0x22, 10)).isEqualTo(Reg.IQEI_NONE); // of no account
        assertThat(error(0x2, 0)).isEqualTo(Reg.IQEI_RESERVED);
        assertThat(InvText.text(0x2, 0)).isEqualTo("iotlb g=0");
    }

    @Test
    void shouldBuildPasidInvalidations() {
        assertDescriptor(
                Inv.pasidIotlb0(Inv.G_PASID_ALL, 7, 0x12345),
                0,
                0x1_2345_0007_0026L,
                0,
                "pasid-iotlb all did=7 pasid=74565");
        assertDescriptor(
                Inv.pasidIotlb0(Inv.G_PASID_PAGE, 7, 5),
                Inv.pages1(0x5000, 0, false),
                0x5_0007_0036L,
                0x5000,
                "pasid-iotlb page did=7 pasid=5 addr=0x5000 am=0");
        assertThat(error(0x6, 0)).isEqualTo(Reg.IQEI_RESERVED);
        assertThat(error(0x16, 0)).isEqualTo(Reg.IQEI_RESERVED);
        assertDescriptor(Inv.pasidCache0(Inv.G_PASID_CACHE_DOMAIN, 7, 0), 0, 0x7_0007, 0, "pasid-cache domain did=7");
        assertDescriptor(
                Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, 7, 5),
                0,
                0x5_0007_0017L,
                0,
                "pasid-cache pasid did=7 pasid=5");
        assertDescriptor(Inv.pasidCache0(Inv.G_PASID_CACHE_GLOBAL, 0, 0), 0, 0x37, 0, "pasid-cache global");
        assertThat(error(0x27, 0)).isEqualTo(Reg.IQEI_RESERVED);
        assertThat(InvText.text(0x27, 0)).isEqualTo("pasid-cache g=2");
    }

    @Test
    void shouldBuildDeviceTlbInvalidations() {
        assertDescriptor(
                Inv.deviceTlb0(0x4228, 0x4220, 17),
                Inv.deviceTlb1(0x1234_5678, 0),
                0x4220_4228_0011_0003L & ~0x000f_0000_0000_0000L | 0x422L << 52,
                0x1234_5000,
                "device-tlb sid=0x4228 addr=0x12345000 order=0");
        assertDescriptor(
                Inv.pasidDeviceTlb0(0x4228, 5, 0x4223, 17),
                Inv.pasidDeviceTlb1(0x1234_5000, 3),
                0x422L << 52 | 0x5_4228_3118L,
                0x1234_3800,
                "pasid-device-tlb sid=0x4228 pasid=5 addr=0x12340000 order=3");
        assertThat(Inv.physicalFunctionSid(Inv.pasidDeviceTlb0(0x4228, 5, 0x4223, 17)))
                .isEqualTo(0x4223);
        assertThat(InvText.text(Inv.pasidDeviceTlb0(1, 5, 0, 0), Inv.pasidDeviceTlb1(0, 52) | 1))
                .isEqualTo("pasid-device-tlb sid=0x1 all-pasids all");
    }

    @ParameterizedTest
    @CsvSource({"0, 0x5000", "1, 0x4001", "2, 0x5001", "9, 0xff001", "51, 0x3ffffffffffff001", "52, 0x7ffffffffffff001"
    })
    void shouldCodeTheSizeInTheAddress(int order, String word) {
        long w1 = Inv.deviceTlb1(0x5000, order);
        assertThat(w1).isEqualTo(Long.decode(word));
        assertThat(Inv.deviceTlbOrder(w1, Inv.S.isSet(w1))).isEqualTo(order);
    }

    @Test
    void shouldBuildInterruptEntryInvalidations() {
        assertDescriptor(Inv.iecGlobal0(), 0, 0x4, 0, "iec global");
        assertDescriptor(Inv.iecIndex0(0x123, 3), 0, 0x123_1800_0014L, 0, "iec index=291 im=3");
    }

    @Test
    void shouldBuildWaits() {
        assertDescriptor(
                Inv.waitWrite0(0xabcd, true, true),
                Inv.waitWrite1(0x5002),
                0xabcd_0000_00e5L,
                0x5000,
                "wait write=0x5000 data=0xabcd fence drain-page-requests");
        assertDescriptor(Inv.waitInterrupt0(), 0, 0x15, 0, "wait interrupt");
        assertDescriptor(Inv.waitFence0(), 0, 0x45, 0, "wait fence");
        assertThat(error(0x5, 0)).isEqualTo(Reg.IQEI_RESERVED); // nobody could see it complete
        long drains = Inv.waitWrite0(1, false, true);
        assertThat(InvChecks.error(drains, 0, 0, 0, without(Cap.PDS))).isEqualTo(Reg.IQEI_RESERVED);
    }

    @Test
    void shouldBuildPageGroupResponses() {
        assertDescriptor(
                Inv.pageGroupResponse0(0x4228, 5, Inv.RESPONSE_INVALID),
                Inv.pageGroupResponse1(9, true),
                0x5_4228_1019L,
                0x4c,
                "page-group-response rid=0x4228 pasid=5 group=9 code=1");
        assertDescriptor(
                Inv.pageGroupResponse0(0x4228, -1, Inv.RESPONSE_SUCCESS),
                Inv.pageGroupResponse1(9, false),
                0x4228_0009L,
                0x48,
                "page-group-response rid=0x4228 group=9 code=0");
    }

    @Test
    void shouldTakePasidZeroForAPasid() {
        assertThat(Inv.RESPONSE_PP.isSet(Inv.pageGroupResponse0(0, 0, 0))).isTrue();
    }

    @Test
    void shouldKnowTypesOnlyIfTheUnitHasThem() {
        assertThat(error(0, 0)).isEqualTo(Reg.IQEI_TYPE);
        assertThat(error(0xa, 0)).isEqualTo(Reg.IQEI_TYPE);
        assertThat(error(0x211, 0)).isEqualTo(Reg.IQEI_TYPE);
        assertThat(InvText.text(0x211, 0)).isEqualTo("type 0x11 0x211");
        // Without device TLBs there is nobody to invalidate, which is no error.
        assertThat(InvChecks.error(Inv.deviceTlb0(0, 0, 0), 0, 0, 0, without(Cap.DT)))
                .isEqualTo(Reg.IQEI_NONE);
        assertMissing(Inv.pasidDeviceTlb0(0, 0, 0, 0), Cap.SMTS);
        assertMissing(Inv.iecGlobal0(), Cap.IR);
        assertMissing(Inv.pasidIotlb0(2, 0, 0), Cap.SMTS);
        assertMissing(Inv.pasidCache0(3, 0, 0), Cap.SMTS);
        assertMissing(Inv.pageGroupResponse0(0, -1, 0), Cap.PRS);
    }

    private static void assertMissing(long w0, BitField ability) {
        assertThat(InvChecks.error(w0, 0, 0, 0, without(ability))).isEqualTo(Reg.IQEI_TYPE);
    }

    @ParameterizedTest
    @CsvSource({
        "0x11, 6, 0",
        "0x11, 8, 0",
        "0x11, 12, 0",
        "0x11, 50, 0",
        "0x11, 63, 0",
        "0x11, 0, 1",
        "0x12, 8, 0",
        "0x12, 15, 0",
        "0x12, 32, 0",
        "0x12, 63, 0",
        "0x12, 7, 1",
        "0x12, 11, 1",
        "0x3, 4, 0",
        "0x3, 8, 0",
        "0x3, 21, 0",
        "0x3, 31, 0",
        "0x3, 48, 0",
        "0x3, 51, 0",
        "0x3, 1, 1",
        "0x3, 11, 1",
        "0x4, 5, 0",
        "0x4, 12, 0",
        "0x4, 26, 0",
        "0x4, 48, 0",
        "0x4, 63, 1",
        "0x25, 8, 0",
        "0x25, 12, 0",
        "0x25, 31, 0",
        "0x25, 0, 1",
        "0x25, 1, 1",
        "0x26, 6, 0",
        "0x26, 12, 0",
        "0x26, 52, 0",
        "0x26, 63, 0",
        "0x26, 7, 1",
        "0x37, 6, 0",
        "0x37, 15, 0",
        "0x37, 52, 0",
        "0x37, 0, 1",
        "0x8, 1, 1",
        "0x8, 10, 1",
        "0x9, 5, 0",
        "0x9, 8, 0",
        "0x9, 52, 0",
        "0x9, 0, 1",
        "0x9, 12, 1"
    })
    void shouldRefuseReservedBits(String descriptor, int bit, int word) {
        long w0 = Long.decode(descriptor);
        assertThat(error(w0, 0)).isEqualTo(Reg.IQEI_NONE);
        assertThat(word == 0 ? error(w0 | 1L << bit, 0) : error(w0, 1L << bit)).isEqualTo(Reg.IQEI_RESERVED);
    }
}
