package org.iommusim.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.junit.jupiter.api.Test;

/**
 * What a unit that fetches 256 bits at once can see of an entry while software changes it: in the driver's order with stores of
 * 128 bits, and with stores of 64 bits.
 */
class DteTransitionTest {
    /** 5 guest levels and 3 GCR3 levels. */
    private static final DteDecoder DECODER = new DteDecoder(new Efr(1 << 4 | 1 << 12 | 2 << 14, 0), false);

    private static final long[] BLOCKED = {3, 0, 0, 0};
    private static final long[] HOST = Dte.host(0x1234_5000, 4, 7);
    private static final long[] GUEST_4 = guest(0x7_abcd_e000L, 4, 8);
    private static final long[] GUEST_5 = guest(0x5_4321_0000L, 5, 9);

    private static long[] guest(long gcr3, int levels, int domainId) {
        long[] words = Dte.passThrough(domainId);
        Dte.putGuest(words, gcr3, 1, levels);
        return words;
    }

    /** What the unit makes of the entry after each group of words that is stored at once. */
    private static List<String> seen(long[] from, long[] to, int[]... stores) {
        long[] words = from.clone();
        List<String> seen = new ArrayList<>();
        for (int[] store : stores) {
            for (int word : store) {
                words[word] = to[word];
            }
            seen.add(text(words));
        }
        assertThat(words).containsExactly(to);
        return seen;
    }

    private static String text(long[] words) {
        DteConfig out = new DteConfig();
        if (!DECODER.decode(words, Control.GT_EN.mask(), out)) {
            return "illegal";
        }
        String guest = out.guest ? " gcr3=" + Long.toHexString(out.gcr3) + " levels=" + out.guestLevels : "";
        return "host=" + Long.toHexString(out.host.root) + guest + " domain=" + out.domainId;
    }

    private static final int[] LOWER = {0, 1};
    private static final int[] UPPER = {2, 3};

    @Test
    void shouldShowNothingBetweenWhenGuestTablesComeOrGo() {
        String blocked = text(BLOCKED);
        assertThat(seen(BLOCKED, GUEST_5, UPPER, LOWER)).containsExactly(blocked, text(GUEST_5));
        assertThat(seen(GUEST_5, BLOCKED, LOWER, UPPER)).containsExactly(blocked, blocked);
        assertThat(seen(BLOCKED, HOST, UPPER, LOWER)).containsExactly(blocked, text(HOST));
    }

    @Test
    void shouldShowWrongLevelsInTheWrongOrder() {
        assertThat(seen(BLOCKED, GUEST_5, LOWER, UPPER))
                .containsExactly("host=0 gcr3=543210000 levels=4 domain=9", text(GUEST_5));
        assertThat(seen(GUEST_4, GUEST_5, UPPER, LOWER))
                .containsExactly("host=0 gcr3=7abcde000 levels=5 domain=8", text(GUEST_5));
    }

    @Test
    void shouldShowHalvesOfTheGcr3AddressAndTheWrongDomainWithStoresOf64Bits() {
        long[] other = guest(0x5_4321_0000L, 4, 9);
        assertThat(seen(GUEST_4, other, LOWER)).containsExactly(text(other));
        assertThat(seen(GUEST_4, other, new int[] {0}, new int[] {1}))
                .containsExactly("host=0 gcr3=7abcd8000 levels=4 domain=8", text(other));
        assertThat(seen(HOST, GUEST_4, new int[] {0}, new int[] {1}))
                .containsExactly("host=0 gcr3=6000 levels=4 domain=7", text(GUEST_4));
    }
}
