package org.iommusim.smmuv3;

import java.util.Arrays;
import org.iommusim.smmuv3.format.CdDecoder;
import org.iommusim.smmuv3.format.SteDecoder;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;

/**
 * A flight's configuration, and the words that it was decoded from. A flight after the other has the same stream, so
 * mostly the words are those of the last time, and what they decoded to is still here; decoding depends on nothing else
 * but CR2.E2H and what never changes.
 */
final class DecodedConfig {
    final StreamConfig config = new StreamConfig();

    private final long[] steWords = new long[Ste.WORDS];
    private final long[] cdWords = new long[Cd.WORDS];
    private boolean steKnown;
    private boolean cdKnown;
    private boolean hostExtensions;
    private int steCode;
    private int cdCode;

    /**
     * Decodes an STE. The part of the CD is then of no meaning until {@link #cd} or {@link #noCd}.
     *
     * @param e2h CR2.E2H
     * @return 0 or the code of an event
     */
    int ste(long[] words, IdRegs ids, boolean e2h) {
        if (!steKnown || hostExtensions != e2h || !Arrays.equals(words, steWords)) {
            System.arraycopy(words, 0, steWords, 0, Ste.WORDS);
            hostExtensions = e2h;
            steKnown = true;
            cdKnown = false;
            steCode = SteDecoder.decode(words, ids, config);
            config.e2h = config.el2() && e2h;
        }
        return steCode;
    }

    /** Decodes a CD that goes with the STE; 0 or the code of an event. */
    int cd(long[] words, IdRegs ids) {
        if (!cdKnown || !Arrays.equals(words, cdWords)) {
            System.arraycopy(words, 0, cdWords, 0, Cd.WORDS);
            cdKnown = true;
            cdCode = CdDecoder.decode(words, ids, config);
        }
        return cdCode;
    }

    /** There is no CD, or not yet. */
    void noCd() {
        cdKnown = false;
        config.clearCd();
    }
}
