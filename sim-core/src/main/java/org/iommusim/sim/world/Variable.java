package org.iommusim.sim.world;

/**
 * The name of a kind of shared variable, e.g. {@code object.users}. Constants of this type are declared next to the
 * objects that they belong to, and programs name them in their footprints.
 */
public final class Variable {
    private final String name;
    private final long key;

    private Variable(String name, long key) {
        this.name = name;
        this.key = key;
    }

    /** A variable whose values are part of the world's hash. */
    public static Variable named(String name) {
        long h = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            h = (h ^ name.charAt(i)) * 0x100000001b3L;
        }
        return new Variable(name, Mix.mix(h) | 1);
    }

    /** A variable that never enters a hash: time, statistics, recency and the like. */
    public static Variable unhashed(String name) {
        return new Variable(name, 0);
    }

    /** The name, for humans and footprints. */
    public String name() {
        return name;
    }

    /** True if writes to cells of this variable change the world's hash. */
    public boolean hashed() {
        return key != 0;
    }

    /** Key of one instance's cell in the hash; 0 if the variable is not hashed. */
    long cellKey(long instance) {
        return key == 0 ? 0 : Mix.mix(key + Mix.mix(instance)) | 1;
    }

    @Override
    public String toString() {
        return name;
    }
}
