package org.iommusim.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.X86Table;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

class Gcr3LookupTest {
    private final DteConfig config = new DteConfig();
    private final Gcr3Lookup lookup = new Gcr3Lookup(config);
    private final StageParameters tables = new StageParameters();

    private void guest(int gcr3Levels) {
        config.guest = true;
        config.gcr3 = 0x1000;
        config.gcr3Levels = gcr3Levels;
        config.guestLevels = 4;
        config.guestFlags = X86Table.NXE;
    }

    @Test
    @Rule("AMDVI-PASID-03")
    void shouldGoThroughThreeLevels() {
        guest(3);
        lookup.begin(0x4_0a05);
        assertThat(lookup.entryAddress()).isEqualTo(0x1008);
        assertThat(lookup.last()).isFalse();
        assertThat(lookup.descend(Gcr3Entry.valid(0x5000))).isTrue();
        assertThat(lookup.entryAddress()).isEqualTo(0x5028);
        assertThat(lookup.descend(Gcr3Entry.valid(0x6000))).isTrue();
        assertThat(lookup.entryAddress()).isEqualTo(0x6028);
        assertThat(lookup.last()).isTrue();
        assertThat(lookup.guestTables(Gcr3Entry.valid(0x7000), tables)).isTrue();
        assertThat(tables.format).isSameAs(X86Table.INSTANCE);
        assertThat(tables.root).isEqualTo(0x7000);
        assertThat(tables.startLevel).isEqualTo(4);
        assertThat(tables.inputBits).isEqualTo(48);
        assertThat(tables.flags).isEqualTo(X86Table.NXE);
        assertThat(tables.tag).isEqualTo(0x4_0a05);
        assertThatIllegalStateException().isThrownBy(() -> lookup.descend(1));
    }

    @Test
    void shouldEndAtAnEntryThatIsNotValid() {
        guest(2);
        lookup.begin(1);
        assertThat(lookup.descend(0x5000)).isFalse();
        assertThat(lookup.guestTables(0x7000, tables)).isFalse();
        assertThat(tables.enabled()).isFalse();
    }

    @Test
    void shouldForgetTheTablesBefore() {
        guest(1);
        lookup.begin(1);
        assertThat(lookup.guestTables(Gcr3Entry.valid(0x7000), tables)).isTrue();
        assertThat(lookup.guestTables(0x8000, tables)).isFalse();
        assertThat(tables.enabled()).isFalse();
        assertThat(tables.root).isZero();
    }

    @Test
    void shouldRefuseAPasidThatTheTableDoesNotReach() {
        guest(1);
        lookup.begin(511);
        assertThat(lookup.entryAddress()).isEqualTo(0x1ff8);
        assertThatIllegalArgumentException().isThrownBy(() -> lookup.begin(512));
        config.guest = false;
        assertThatIllegalArgumentException().isThrownBy(() -> lookup.begin(0));
    }

    @Test
    @Rule("AMDVI-PASID-08")
    void shouldSayWhichAddressesHostTablesTranslate() {
        guest(2);
        lookup.begin(0);
        assertThat(lookup.guestPhysical()).isFalse();
        lookup.descend(Gcr3Entry.valid(0x5000));
        assertThat(lookup.guestPhysical()).isFalse();
        config.host.format = V1Table.INSTANCE;
        assertThat(lookup.guestPhysical()).isTrue();
        lookup.begin(0);
        assertThat(lookup.guestPhysical()).isFalse();
        config.gcr3IsGuestPhysical = true;
        assertThat(lookup.guestPhysical()).isTrue();
    }
}
