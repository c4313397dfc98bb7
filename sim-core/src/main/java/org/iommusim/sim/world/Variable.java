package org.iommusim.sim.world;

/**
 * The name of a kind of shared variable, e.g. {@code object.users}. Constants of this type are declared next to the
 * objects that they belong to, and programs name them in their footprints.
 */
public final class Variable {
    private final String name;
    private final long key;
    private final Sharing sharing;

    /** Who can touch the cells of a variable. */
    private enum Sharing {
        SHARED,
        PRIVATE,
        SCRATCH
    }

    private Variable(String name, boolean hashed, Sharing sharing) {
        this.name = name;
        this.key = hashed ? keyOf(name) : 0;
        this.sharing = sharing;
    }

    private static long keyOf(String name) {
        long h = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            h = (h ^ name.charAt(i)) * 0x100000001b3L;
        }
        return Mix.mix(h) | 1;
    }

    /** A variable whose values are part of the world's hash. */
    public static Variable named(String name) {
        return new Variable(name, true, Sharing.SHARED);
    }

    /**
     * A hashed variable each of whose cells is touched by the events of one lane only, such as the position in a script: no
     * two lanes can conflict on it.
     */
    public static Variable privateTo(String name) {
        return new Variable(name, true, Sharing.PRIVATE);
    }

    /**
     * A private variable of things that live no longer than one call: their values leave the hash when {@link
     * World#retireScratch} says that the call is over.
     */
    public static Variable scratch(String name) {
        return new Variable(name, true, Sharing.SCRATCH);
    }

    /** A variable that never enters a hash: time, statistics, recency and the like. */
    public static Variable unhashed(String name) {
        return new Variable(name, false, Sharing.SHARED);
    }

    /** The name, for humans and footprints. */
    public String name() {
        return name;
    }

    /** True if writes to cells of this variable change the world's hash. */
    public boolean hashed() {
        return key != 0;
    }

    /** True if several lanes may touch a cell of this variable, so that the order of their accesses can matter. */
    public boolean shared() {
        return sharing == Sharing.SHARED;
    }

    /** True for {@link #scratch} variables. */
    boolean isScratch() {
        return sharing == Sharing.SCRATCH;
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
