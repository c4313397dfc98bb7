package org.iommusim.sim.explore;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Work that is still to be done: the state behind a prefix has been seen, but these of its transitions have not been run.
 *
 * @param prefix the lanes that lead to the state
 * @param running the lane that ran last if it is still enabled, else -1
 * @param budget preemptions that are left in the state
 * @param lanes the transitions to run
 */
record SearchTask(int[] prefix, int running, int budget, int[] lanes) {
    void save(DataOutputStream out) throws IOException {
        save(prefix, out);
        out.writeInt(running);
        out.writeInt(budget);
        save(lanes, out);
    }

    static SearchTask load(DataInputStream in) throws IOException {
        return new SearchTask(loadInts(in), in.readInt(), in.readInt(), loadInts(in));
    }

    private static void save(int[] numbers, DataOutputStream out) throws IOException {
        out.writeInt(numbers.length);
        for (int number : numbers) {
            out.writeInt(number);
        }
    }

    private static int[] loadInts(DataInputStream in) throws IOException {
        int[] numbers = new int[in.readInt()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = in.readInt();
        }
        return numbers;
    }
}
