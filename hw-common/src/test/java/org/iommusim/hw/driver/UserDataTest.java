package org.iommusim.hw.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The rules by which drivers copy what user space hands them. */
class UserDataTest {
    private final byte[] eight = new byte[8];
    private final byte[] sixteen = new byte[16];

    @Test
    void shouldTakeAStructureOfTheRightTypeAndLength() {
        assertThat(UserData.ofWords(5, 7).copyStruct(eight, 5, 8)).isZero();
        assertThat(UserData.word(eight, 0)).isEqualTo(7);
        assertThat(UserData.ofWords(5, 7).copyStruct(eight, 6, 8)).isEqualTo(Errno.EINVAL);
        assertThat(UserData.NONE.copyStruct(eight, 0, 8)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldTakeAnOlderStructureButNotALongerOne() {
        sixteen[9] = 1;
        assertThat(UserData.ofWords(5, 7).copyStruct(sixteen, 5, 8)).isZero();
        assertThat(sixteen[9]).isZero();
        assertThat(UserData.ofWords(5, 7).copyStruct(sixteen, 5, 9)).isEqualTo(Errno.EINVAL);
        assertThat(UserData.ofWords(5, 7, 0).copyStruct(eight, 5, 8)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldFaultOnlyAfterTypeAndLength() {
        UserData absent = new UserData(5, new UserBytes(new byte[4]), UserBytes.BASE, 8);
        assertThat(absent.copyStruct(eight, 6, 8)).isEqualTo(Errno.EINVAL);
        assertThat(absent.copyStruct(eight, 5, 8)).isEqualTo(Errno.EFAULT);
        assertThat(absent.copyStructBack(eight, 5, 8)).isEqualTo(Errno.EFAULT);
        assertThat(absent.copyStructBack(sixteen, 5, 9)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldCopyOneEntryOfAnArray() {
        UserDataArray array = UserData.ofWords(5, 1, 2, 3).array(8);
        assertThat(array.entryNum()).isEqualTo(3);
        assertThat(array.copyEntry(eight, 5, 1, 8)).isZero();
        assertThat(UserData.word(eight, 0)).isEqualTo(2);
        assertThat(array.copyEntry(eight, 4, 1, 8)).isEqualTo(Errno.EINVAL);
        assertThat(UserData.ofWords(5, 1, 2).array(16).copyEntry(eight, 5, 0, 8))
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldCopyAWholeArrayWithShorterAndLongerEntries() {
        assertThat(UserData.ofWords(5, 1, 2).array(8).copyAll(sixteen, 5, 8)).isZero();
        assertThat(UserData.word(sixteen, 8)).isEqualTo(2);

        byte[] wide = new byte[32];
        assertThat(UserData.ofWords(5, 1, 2).array(8).copyAll(wide, 5, 16)).isZero();
        assertThat(UserData.word(wide, 16)).isEqualTo(2);
        assertThat(UserData.word(wide, 24)).isZero();

        assertThat(UserData.ofWords(5, 1, 0, 2, 0).array(16).copyAll(sixteen, 5, 8))
                .isZero();
        assertThat(UserData.ofWords(5, 1, 0, 2, 9).array(16).copyAll(sixteen, 5, 8))
                .isEqualTo(Errno.E2BIG);
        assertThat(UserData.ofWords(5, 1, 2).array(8).copyAll(sixteen, 6, 8)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldHaveNoEntriesOfNoLength() {
        assertThat(UserData.ofWords(5, 1).array(0).entryNum()).isZero();
    }
}
