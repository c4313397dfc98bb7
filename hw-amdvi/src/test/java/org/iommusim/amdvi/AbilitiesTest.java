package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.hw.spec.BitField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a unit says that it can do, over all presets and parameters. */
class AbilitiesTest {
    static Stream<String> presets() {
        return AmdViPresets.all().stream().map(Preset::name);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldMakeEveryPreset(String preset) {
        AmdViTestbed bed = AmdViTestbed.of(preset);
        assertThatCode(() -> Abilities.check(bed.device.efr())).doesNotThrowAnyException();
        assertThat(bed.read64(Reg.EFR)).isEqualTo(bed.device.efr().efr());
        assertThat(bed.read64(Reg.EFR2)).isEqualTo(bed.device.efr().efr2());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldMakeOrRefuseEveryValueOfEveryParameterInOneLine(String preset) {
        List<String> made = new ArrayList<>();
        for (Parameter parameter : AmdViParameters.all()) {
            for (long value : new long[] {parameter.min(), parameter.max()}) {
                if (value > 4096) {
                    value = Math.max(parameter.min(), 4096); // large caches take memory and show nothing more
                }
                try {
                    AmdViTestbed bed = AmdViTestbed.of(preset, Map.of(parameter.name(), value));
                    Abilities.check(bed.device.efr());
                    made.add(parameter.name());
                } catch (IommuConfigException refused) {
                    assertThat(refused.getMessage()).as(parameter.name()).isNotBlank();
                    assertThat(refused.getMessage().lines())
                            .as(parameter.name())
                            .hasSize(1);
                }
            }
        }
        assertThat(made).contains("gt", "iotlb_sup", "np_cache", "host_levels", "guest_levels", "segments", "ppr");
    }

    @ParameterizedTest
    @CsvSource({
        "prefetch, PREF_SUP",
        "nx, NX_SUP",
        "gt, GT_SUP",
        "ia, IA_SUP",
        "gam, GAM_SUP",
        "us, US_SUP",
        "gio, GIO_SUP",
        "eph, EPH_SUP",
        "ppr, PPR_SUP",
        "ppr_auto_rsp, PPR_AUTO_RSP_SUP",
        "blk_stop_mrk, BLK_STOP_MRK_SUP",
        "msi_cap_mmio, MSI_CAP_MMIO_SUP",
        "gcr3_trp, GCR3_TRP_MODE",
        "gd_update_dis, V2_HD_DIS_SUP",
        "ga_update_dis, GA_UPDATE_DIS_SUP",
        "interrupts_2k, NUM_INT_REMAP_SUP",
        "ht_range_ignore, HT_RANGE_IGNORE"
    })
    void shouldOfferWhatTheParameterSays(String parameter, String field) {
        BitField bit = Stream.of(
                        Efr.PREF_SUP,
                        Efr.NX_SUP,
                        Efr.GT_SUP,
                        Efr.IA_SUP,
                        Efr.GAM_SUP,
                        Efr.US_SUP,
                        Efr.GIO_SUP,
                        Efr.EPH_SUP,
                        Efr.PPR_SUP,
                        Efr.PPR_AUTO_RSP_SUP,
                        Efr.BLK_STOP_MRK_SUP,
                        Efr.MSI_CAP_MMIO_SUP,
                        Efr.GCR3_TRP_MODE,
                        Efr.V2_HD_DIS_SUP,
                        Efr.GA_UPDATE_DIS_SUP,
                        Efr.NUM_INT_REMAP_SUP,
                        Efr.HT_RANGE_IGNORE)
                .filter(f -> f.name().equals(field))
                .findFirst()
                .orElseThrow();
        for (long value : new long[] {0, 1}) {
            Efr efr = AmdViTestbed.of("guest-tables", Map.of(parameter, value))
                    .device
                    .efr();
            assertThat(efr.has(bit)).isEqualTo(value == 1);
        }
    }

    @Test
    void shouldOfferNumbers() {
        Efr efr = AmdViTestbed.of(
                        "guest-tables",
                        Map.of(
                                "host_levels",
                                5L,
                                "guest_levels",
                                4L,
                                "gcr3_levels",
                                2L,
                                "pasid_bits",
                                9L,
                                "segments",
                                4L))
                .device
                .efr();
        assertThat(efr.hostLevels()).isEqualTo(5);
        assertThat(efr.guestLevels()).isEqualTo(4);
        assertThat(efr.gcr3Levels()).isEqualTo(2);
        assertThat(efr.pasidBits()).isEqualTo(9);
        assertThat(efr.deviceTableSegments()).isEqualTo(4);
    }

    @Test
    void shouldOfferNothingOfGuestsWithoutGuestTables() {
        Efr efr = AmdViTestbed.of("guest-tables", Map.of("gt", 0L)).device.efr();
        assertThat(efr.gio()).isFalse();
        assertThat(efr.us()).isFalse();
        assertThat(efr.nx()).isFalse();
        assertThat(efr.gcr3Trp()).isFalse();
        assertThat(efr.guestDirtyDis()).isFalse();
        assertThat(efr.guestAccessedDis()).isFalse();
    }

    @Test
    void shouldOfferNoPageRequestsWithoutDeviceTlbs() {
        Efr efr =
                AmdViTestbed.of("guest-tables", Map.of("iotlb_sup", 0L)).device.efr();
        assertThat(efr.ppr()).isFalse();
        assertThat(efr.eph()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "0x80000000, SATS_SUP",
        "0x80000000000000, VIOMMU_SUP",
        "0x8000000000000000, SNP_SUP",
        "0x200000000000, PERF_OPT_SUP",
        "0x4000000000000000, FORCE_PHY_DEST_SUP",
        "0x4000000, bits 0x4000000 of EFR",
        "0x40000000, bits 0x40000000 of EFR"
    })
    void shouldRefuseWhatItCannotDo(String efr, String name) {
        assertThatThrownBy(() -> Abilities.check(new Efr(Long.parseUnsignedLong(efr.substring(2), 16), 0)))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @CsvSource({"0x2, SEV_SNP_IO_SUP", "0x4, TMPM_SUP", "0x20, SNP_AVIC_SUP", "0x1000, bits 0x1000 of EFR2"})
    void shouldRefuseWhatItCannotDoOfEfr2(String efr2, String name) {
        assertThatThrownBy(() -> Abilities.check(new Efr(0, Long.decode(efr2))))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining(name);
    }

    /** What is announced is either there, or refused by its name or as a bit without one. */
    @Test
    void shouldKnowEveryBitOfTheFeatureRegisters() throws IllegalAccessException {
        long[] named = new long[2];
        for (Field field : Efr.class.getFields()) {
            if (field.getType() == BitField.class) {
                BitField bits = (BitField) field.get(null);
                assertThat(named[bits.word()] & bits.mask()).as(bits.name()).isZero();
                named[bits.word()] |= bits.mask();
            }
        }
        assertThat(named).containsExactly(~Efr.UNNAMED, ~Efr.UNNAMED2);
    }

    @ParameterizedTest
    @CsvSource({
        "0x10000000000000, dirty flags",
        "0xc00, neither host tables",
        "0x1000000000000, without PASID",
        "0x1800000010, PASIDs of 25 bits",
        "0x4, x2APIC",
        "0x400080, mode that is reserved",
        "0x200000, interrupts of guests",
        "0xa0, without what they belong to"
    })
    void shouldRefuseWhatDoesNotFitTogether(String efr, String text) {
        assertThatThrownBy(() -> Abilities.check(new Efr(Long.decode(efr), 0)))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining(text);
    }

    @Test
    void shouldOfferInterruptsForGuestsThatDoNotRunOnlyWithAllTheyNeed() {
        Map<String, Long> all = Map.of("gam", 1L, "gappi", 1L, "gappi_dis", 1L);
        Efr efr = AmdViTestbed.of("guest-tables", all).device.efr();
        assertThat(efr.gappi() && efr.gappiDis()).isTrue();
        assertThat(AmdViTestbed.of("guest-tables", Map.of("gam", 1L, "gappi", 1L))
                        .device
                        .efr()
                        .gappiDis())
                .isFalse();
        assertThatThrownBy(() -> AmdViTestbed.of("guest-tables", Map.of("gam", 1L, "gappi_dis", 1L)))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining("GAPPIDisSup");
    }

    @Test
    void shouldRefuseThreeSegments() {
        assertThatThrownBy(() -> AmdViTestbed.of("guest-tables", Map.of("segments", 3L)))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining("3 segments");
    }
}
