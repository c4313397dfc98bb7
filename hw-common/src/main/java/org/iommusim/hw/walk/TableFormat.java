package org.iommusim.hw.walk;

/**
 * A page-table format: a pure, resumable function from descriptors to actions. Implementations are stateless; all state
 * is in the {@link WalkState}. A format checks permissions of its own stage only.
 */
public interface TableFormat {
    /** The format's name, e.g. {@code VMSAv8-64 stage 1}. */
    String name();

    /** Starts the walk that {@link WalkState#begin} prepared: range checks, then normally a READ of the first entry. */
    WalkAction start(WalkState state);

    /**
     * Goes on in the middle: the table of {@code level} is known from a walk cache, with the permissions collected above.
     *
     * @param table address of the table in the space that reads go to
     * @param tablePermissions what {@link WalkState#tablePermissions} was when that table was found
     */
    WalkAction resume(WalkState state, int level, long table, int tablePermissions);

    /** Takes the descriptor that was read at {@link WalkState#readAddress}, or that an update found. */
    WalkAction descriptor(WalkState state, long descriptor);

    /** The level below (nearer to the page) {@code level}; an entry may leave levels out and lead further down. */
    int nextLevel(int level);

    /** log2 of how much input address space one entry of a table of this level covers. */
    int levelShift(StageParameters parameters, int level);

    /**
     * False if memory with these attributes must not hold tables of a stage above, so that translating a table's address
     * to it is a permission fault.
     */
    default boolean holdsTables(StageParameters parameters, long attributes) {
        return true;
    }

    /**
     * True if an entry that points to a table is refused as soon as it does not allow the access; false if permissions are
     * only collected on the way and judged at the leaf.
     */
    default boolean checksEveryLevel() {
        return false;
    }

    /** The lowest level, whose entries are pages. */
    int lastLevel();
}
