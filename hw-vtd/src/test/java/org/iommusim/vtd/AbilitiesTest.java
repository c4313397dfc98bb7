package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.hw.spec.BitField;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a unit says that it can do, over all presets and parameters. */
class AbilitiesTest {
    static Stream<String> presets() {
        return VtdPresets.all().stream().map(Preset::name);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldMakeEveryPreset(String preset) {
        VtdTestbed bed = VtdTestbed.of(preset);

        assertThatCode(() -> Capabilities.check(bed.device.cap())).doesNotThrowAnyException();
        assertThat(bed.read64(Reg.CAP)).isEqualTo(bed.device.cap().cap());
        assertThat(bed.read64(Reg.ECAP)).isEqualTo(bed.device.cap().ecap());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldMakeOrRefuseEveryValueOfEveryParameterInOneLine(String preset) {
        List<String> made = new ArrayList<>();
        for (Parameter parameter : VtdParameters.all()) {
            for (long value : new long[] {parameter.min(), parameter.max()}) {
                if (value > 4096) {
                    value = Math.max(parameter.min(), 4096); // large caches take memory and show nothing more
                }
                try {
                    VtdTestbed bed = VtdTestbed.of(preset, Map.of(parameter.name(), value));
                    Capabilities.check(bed.device.cap());
                    made.add(parameter.name());
                } catch (IommuConfigException refused) {
                    assertThat(refused.getMessage()).as(parameter.name()).isNotBlank();
                    assertThat(refused.getMessage().lines())
                            .as(parameter.name())
                            .hasSize(1);
                }
            }
        }
        assertThat(made)
                .contains("cm", "rwbf", "sagaw", "mgaw", "nfr", "smts", "nest", "dt", "prs", "pss", "haw", "ir");
    }

    /** A capability that has a parameter is there if and only if it is asked for. */
    @ParameterizedTest
    @CsvSource({
        "cm, 7",
        "rwbf, 4",
        "plmr, 5",
        "phmr, 6",
        "psi, 39",
        "fs1gp, 56",
        "fs5lp, 60",
        "esirtps, 62",
        "esrtps, 63"
    })
    void shouldSayWhatParametersSay(String parameter, int bit) {
        for (long value = 0; value < 2; value++) {
            Cap cap = VtdTestbed.of("scalable", Map.of(parameter, value)).device.cap();
            assertThat(cap.cap() >>> bit & 1).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pt, 6",
        "sc, 7",
        "ers, 30",
        "srs, 31",
        "nwfs, 33",
        "eafs, 34",
        "pasid, 40",
        "ssads, 45",
        "rps, 49",
        "adms, 52",
        "rprivs, 53",
        "mts, 25",
        "nest, 26",
        "prs, 29"
    })
    void shouldSayWhatExtendedParametersSay(String parameter, int bit) {
        for (long value = 0; value < 2; value++) {
            Cap cap = VtdTestbed.of("scalable", Map.of(parameter, value)).device.cap();
            assertThat(cap.ecap() >>> bit & 1).isEqualTo(value);
        }
    }

    @Test
    void shouldOfferNothingOfScalableModeWithoutIt() {
        Cap cap = VtdTestbed.of("legacy").device.cap();
        assertThat(cap.nest() || cap.prs() || cap.pasid() || cap.fsts() || cap.ssts() || cap.rps() || cap.adms())
                .isFalse();
        assertThat(cap.fs1gp() || cap.fs5lp()).isFalse();
    }

    static Stream<BitField> absent() {
        return Stream.of(Cap.AFL, Cap.PI, Cap.ECMDS, Cap.DIT, Cap.VCS, Cap.PMS);
    }

    @ParameterizedTest
    @MethodSource("absent")
    void shouldRefuseToOfferWhatIsNotThere(BitField field) {
        Cap cap = VtdTestbed.of("scalable").device.cap();
        Cap more = field.word() == 0
                ? new Cap(cap.cap() | field.mask(), cap.ecap())
                : new Cap(cap.cap(), cap.ecap() | field.mask());
        assertThatThrownBy(() -> Capabilities.check(more))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining(field.name());
    }

    @ParameterizedTest
    @CsvSource({"legacy, mgaw, 57", "legacy, ir, 0", "legacy, qi, 0", "scalable, fsts, 0", "scalable, dt, 0"})
    void shouldRefuseWhatDoesNotFitTogether(String preset, String parameter, long value) {
        assertThatThrownBy(() -> VtdTestbed.of(preset, Map.of(parameter, value)))
                .isInstanceOf(IommuConfigException.class);
    }

    @Test
    void shouldRefuseRegistersThatLieOnEachOther() {
        Cap cap = VtdTestbed.of("legacy").device.cap();
        for (int distance = -10; distance <= 10; distance++) {
            long[] words = {cap.cap(), cap.ecap()};
            Cap.IRO.put(words, Cap.FRO.getInt(cap.cap()) + distance);
            Cap moved = new Cap(words[0], words[1]);
            // Two registers of 8 bytes, and as many records of 16 bytes as there are.
            boolean apart = distance < 0 || distance >= cap.faultRecords();
            if (apart) {
                assertThatCode(() -> Capabilities.check(moved)).doesNotThrowAnyException();
            } else {
                assertThatThrownBy(() -> Capabilities.check(moved)).isInstanceOf(IommuConfigException.class);
            }
        }
    }

    @Test
    void shouldNeedSomeKindOfTranslation() {
        assertThatThrownBy(() -> VtdTestbed.of("scalable", Map.of("fsts", 0L, "ssts", 0L, "nest", 0L, "pt", 0L)))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining("without any kind of translation");
        assertThat(VtdTestbed.of("scalable", Map.of("fsts", 0L, "ssts", 0L, "nest", 0L))
                        .device
                        .cap()
                        .pt())
                .isTrue();
    }

    /** Contradictions that no parameter can ask for, but a recorded unit can show. */
    @Test
    void shouldRefuseWhatContradictsItself() {
        Cap cap = VtdTestbed.of("legacy").device.cap();
        refused(new Cap(cap.cap() & ~Cap.SAGAW.mask(), cap.ecap()), "second-stage tables");
        refused(new Cap(cap.cap(), cap.ecap() & ~Cap.IR.mask()), "EIM without IR");
        refused(new Cap(cap.cap(), cap.ecap() & ~Cap.QI.mask()), "without queued invalidation");
        refused(new Cap(cap.cap(), cap.ecap() | Cap.NEST.mask()), "NEST without both stages");
        refused(new Cap(cap.cap(), cap.ecap() | Cap.PRS.mask()), "page requests without");
        assertThatCode(() -> Capabilities.check(new Cap(cap.cap(), cap.ecap() & ~(Cap.IR.mask() | Cap.EIM.mask()))))
                .doesNotThrowAnyException();
    }

    private static void refused(Cap cap, String why) {
        assertThatThrownBy(() -> Capabilities.check(cap))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining(why);
    }

    @Test
    void shouldSayHowManyAndHowWide() {
        Cap cap = VtdTestbed.of(
                        "scalable",
                        Map.of("nd", 2L, "mgaw", 50L, "nfr", 5L, "mamv", 20L, "pss", 9L, "mhmv", 3L, "sslps", 1L))
                .device
                .cap();
        assertThat(cap.domainIds()).isEqualTo(256);
        assertThat(cap.mgawBits()).isEqualTo(50);
        assertThat(cap.faultRecords()).isEqualTo(5);
        assertThat(cap.mamv()).isEqualTo(20);
        assertThat(cap.pasidBits()).isEqualTo(9);
        assertThat(cap.mhmv()).isEqualTo(3);
        assertThat(cap.ss2m()).isTrue();
        assertThat(cap.ss1g()).isFalse();
        assertThat(cap.coherent() && cap.zlr() && cap.dwd() && cap.drd() && cap.smpwcs() && cap.pds())
                .isTrue();
    }
}
