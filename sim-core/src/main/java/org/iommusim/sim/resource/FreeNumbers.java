package org.iommusim.sim.resource;

import java.util.Arrays;
import org.iommusim.sim.world.Timing;

/**
 * The numbers of places that are free. The lowest is given out first: which one is next depends on which are free, and not on
 * the order in which they became so; in an exploration two orders lead to one state. Those in use are mostly low, so that a
 * number that is given back has few free ones below it.
 */
public final class FreeNumbers {
    // In descending order; told apart by what the places hold.
    @Timing
    private int[] stack = new int[0];

    private int count;

    /** Without any. */
    public FreeNumbers() {}

    /** True if there is none. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** Adds the numbers from {@code from} on and below {@code to}, which are new and above all others. */
    public void grow(int from, int to) {
        int added = to - from;
        stack = Arrays.copyOf(stack, to);
        System.arraycopy(stack, 0, stack, added, count);
        for (int i = 0; i < added; i++) {
            stack[i] = to - 1 - i;
        }
        count += added;
    }

    /** Takes the lowest. */
    public int take() {
        return stack[--count];
    }

    /** Gives one back. */
    public void release(int number) {
        int at = count++;
        while (at > 0 && stack[at - 1] < number) {
            stack[at] = stack[at - 1];
            at--;
        }
        stack[at] = number;
    }
}
