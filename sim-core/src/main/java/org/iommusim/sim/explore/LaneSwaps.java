package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All ways to permute some groups of lanes with each other; the first one leaves everything where it is. */
final class LaneSwaps {
    private final List<int[]> orders = new ArrayList<>();
    private final int[][] product;
    private final int[][] maps;

    /**
     * Makes the permutations of groups of lanes that are all of one size: the i-th lane of one takes the place of the i-th
     * lane of another.
     *
     * @param lanes how many lanes there are in all; those in no group stay where they are
     */
    LaneSwaps(List<int[]> groups, int lanes) {
        add(new int[0], groups.size());
        maps = new int[orders.size()][];
        for (int swap = 0; swap < maps.length; swap++) {
            int[] map = identity(lanes);
            for (int group = 0; group < groups.size(); group++) {
                int[] from = groups.get(group);
                int[] to = groups.get(orders.get(swap)[group]);
                for (int i = 0; i < from.length; i++) {
                    map[from[i]] = to[i];
                }
            }
            maps[swap] = map;
        }
        product = new int[maps.length][maps.length];
        for (int second = 0; second < maps.length; second++) {
            for (int first = 0; first < maps.length; first++) {
                product[second][first] = find(second, first);
            }
        }
    }

    /** Adds the orders that begin with some groups, in lexicographic order. */
    private void add(int[] begin, int groups) {
        if (begin.length == groups) {
            orders.add(begin);
            return;
        }
        for (int group = 0; group < groups; group++) {
            int next = group;
            if (Arrays.stream(begin).noneMatch(other -> other == next)) {
                int[] longer = Arrays.copyOf(begin, begin.length + 1);
                longer[begin.length] = group;
                add(longer, groups);
            }
        }
    }

    private int find(int second, int first) {
        int[] order = Arrays.stream(orders.get(first))
                .map(group -> orders.get(second)[group])
                .toArray();
        for (int swap = 0; swap < orders.size(); swap++) {
            if (Arrays.equals(orders.get(swap), order)) {
                return swap;
            }
        }
        throw new AssertionError("permutations of a group are closed");
    }

    private static int[] identity(int lanes) {
        int[] map = new int[lanes];
        Arrays.setAll(map, lane -> lane);
        return map;
    }

    /** How many there are. */
    int count() {
        return maps.length;
    }

    /** How many lanes they know. */
    int lanes() {
        return maps[0].length;
    }

    /** More lanes have been made, which stay where they are. */
    void grow(int lanes) {
        int known = lanes();
        for (int swap = 0; swap < maps.length; swap++) {
            int[] map = Arrays.copyOf(maps[swap], lanes);
            for (int lane = known; lane < lanes; lane++) {
                map[lane] = lane;
            }
            maps[swap] = map;
        }
    }

    /** Where a lane goes. */
    int lane(int swap, int lane) {
        return maps[swap][lane];
    }

    /** The permutation that does what the second does after the first. */
    int after(int second, int first) {
        return product[second][first];
    }
}
