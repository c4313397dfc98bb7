package org.iommusim.sim.event;

import java.util.Arrays;

/**
 * A choice list: replays the answers that it was given, then lets another source answer, and remembers all answers. The
 * list of one run, given to a new run of the same model, gives the same run.
 */
public class RecordedChoices implements ChoiceSource {
    private final int[] prefix;
    private final ChoiceSource beyond;
    private int[] taken = new int[64];
    private int count;

    /**
     * Makes a source.
     *
     * @param prefix answers to give first
     * @param beyond who answers after the prefix
     */
    public RecordedChoices(int[] prefix, ChoiceSource beyond) {
        this.prefix = prefix.clone();
        this.beyond = beyond;
    }

    /** A source that gives exactly these answers and fails when it is asked for more. */
    public static RecordedChoices exactly(int... answers) {
        return new RecordedChoices(answers, (what, alternatives) -> {
            throw new IllegalStateException("the choice list ends after " + answers.length
                    + " answers, but a choice of " + what + " among " + alternatives + " is left");
        });
    }

    @Override
    public int choose(String what, int alternatives) {
        int answer = count < prefix.length ? prefix[count] : beyond.choose(what, alternatives);
        if (answer < 0 || answer >= alternatives) {
            throw new IllegalStateException("choice " + count + " of " + what + " is " + answer + ", but there are "
                    + alternatives + " alternatives");
        }
        if (count == taken.length) {
            taken = Arrays.copyOf(taken, 2 * count);
        }
        taken[count++] = answer;
        return answer;
    }

    /** All answers given so far. */
    public int[] taken() {
        return Arrays.copyOf(taken, count);
    }
}
