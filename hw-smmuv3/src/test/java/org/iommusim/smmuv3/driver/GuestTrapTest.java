package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.driver.ConfigurationTrap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestEntry;
import org.iommusim.hw.driver.TrappingGuest;
import org.iommusim.hw.driver.Unsupported;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.Test;

/** What a VMM sees of the changes that a guest's driver makes to its stream table. */
class GuestTrapTest {
    private static final int PAGE = 4096;
    private static final int SID = 0x33;

    private final DriverTestbed bed = DriverTestbed.real(Map.of());
    private final RecordingMemory memory = new RecordingMemory();
    private final TrappingGuest guest = (TrappingGuest) bed.driver.newGuest(memory, "vm0");
    private final List<GuestEntry> seen = new ArrayList<>();

    GuestTrapTest() {
        bed.ok(bed.driver.probe());
        guest.trapTo(new ConfigurationTrap() {
            @Override
            public boolean armed(long virtualId) {
                return virtualId == SID;
            }

            /** Fails, so that it shows that the guest goes on all the same. */
            @Override
            public Call<?> changed(long virtualId) {
                seen.add(guest.entry(virtualId));
                return Unsupported.call(bed.sim.world());
            }
        });
    }

    /** Tells which pages were given back. */
    private final class RecordingMemory extends ForwardingGuestMemory {
        private final List<Long> freed = new ArrayList<>();

        RecordingMemory() {
            super(bed.new Guest(DriverTestbed.DATA));
        }

        @Override
        public void freePages(long guestPhysical, int count) {
            for (int i = 0; i < count; i++) {
                freed.add(guestPhysical + (long) i * PAGE);
            }
        }
    }

    @Test
    void shouldTrapWithTheNewEntry() {
        assertThat(guest.entry(SID)).isEqualTo(GuestEntry.UNREACHABLE);
        bed.ok(guest.attach(SID));
        bed.ok(guest.detach(SID, bed.result()));
        assertThat(seen).containsExactly(GuestEntry.TRANSLATES, GuestEntry.ABORTS);
    }

    @Test
    void shouldNotTrapForADeviceThatNobodyFollows() {
        bed.ok(guest.attach(7));
        bed.ok(guest.detach(7, bed.result()));
        assertThat(seen).isEmpty();
    }

    @Test
    void shouldMakeTheEntryInvalidBeforeItLeadsToOtherTables() {
        bed.ok(guest.attach(SID));
        bed.ok(guest.map(SID, 0x7000_0000, 0x20_0000, PAGE, 3));
        UserData before = guest.hwptData(SID);
        RefCell<UserData> commands = bed.result();
        bed.ok(guest.replace(SID, commands));
        assertThat(seen).containsExactly(GuestEntry.TRANSLATES, GuestEntry.INVALID, GuestEntry.TRANSLATES);
        assertThat(words(guest.hwptData(SID))).isNotEqualTo(words(before));
        assertThat(commands.require().length()).isEqualTo(2 * guest.invalidationEntryLength());

        bed.ok(guest.freeReplaced(SID));
        // The start table and three below it.
        assertThat(memory.freed).hasSize(4);
        assertThat(bed.run(guest.freeReplaced(SID))).isEqualTo(Errno.EBUSY);
        bed.ok(guest.map(SID, 0x7000_0000, 0x20_0000, PAGE, 3));
    }

    @Test
    void shouldTakeTheEntryOutOfItsDirectory() {
        bed.ok(guest.attachThroughDirectory(SID));
        assertThat(guest.entry(SID)).isEqualTo(GuestEntry.TRANSLATES);
        bed.ok(guest.detach(SID, bed.result()));
        assertThat(seen).containsExactly(GuestEntry.TRANSLATES, GuestEntry.UNREACHABLE);
        bed.ok(guest.freeTables(SID));
        // The start table, the page of the entry, and the directory.
        assertThat(memory.freed).hasSize(3);
    }

    @Test
    void shouldReplaceNothingThatIsNotAttached() {
        assertThat(bed.run(guest.replace(SID, bed.result()))).isEqualTo(Errno.ENOENT);
    }

    private static List<Long> words(UserData data) {
        byte[] bytes = new byte[data.length()];
        data.memory().copyFromUser(data.address(), bytes, 0, bytes.length);
        return List.of(UserData.word(bytes, 0), UserData.word(bytes, 8));
    }
}
