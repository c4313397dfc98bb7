package org.iommusim.iommufd.variant;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.variant.Variant;
import org.junit.jupiter.api.Test;

class VariantsTest {
    @Test
    void shouldHaveOneNameForEachVariantInOrder() {
        assertThat(Variants.all())
                .extracting(Variant::name)
                .doesNotHaveDuplicates()
                .isSorted();
    }

    @Test
    void shouldFindAVariantByItsName() {
        assertThat(Variants.find("eventq-release-reads-queue-last"))
                .hasValueSatisfying(variant -> assertThat(variant.bug()).isEqualTo("A08"));
        assertThat(Variants.find("no-such-bug")).isEmpty();
    }

    @Test
    void shouldSayOfEachVariantWhatItIs() {
        for (Variant variant : Variants.all()) {
            assertThat(variant.name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
            assertThat(variant.bug()).as(variant.name()).matches("[A-Z][0-9]{1,3}");
            assertThat(variant.summary()).as(variant.name()).isNotBlank().doesNotEndWith(".");
        }
    }
}
