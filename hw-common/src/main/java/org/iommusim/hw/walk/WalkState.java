package org.iommusim.hw.walk;

/**
 * Everything a format knows about one walk of one stage. Plain fields: a walk slot owns one per stage and formats write
 * into it, so that walking allocates nothing.
 */
public final class WalkState {
    /** The stage's configuration; owned by the slot. */
    public final StageParameters parameters = new StageParameters();

    // ---- what is asked
    /** The address to translate. */
    public long input;
    /** The access to check: bits of {@link Access}. */
    public int access;

    // ---- progress, kept by the format
    /** Level of the descriptor that is being read or was read last. */
    public int level;
    /** Address of the table that holds that descriptor. */
    public long table;
    /** Permissions that survive the table entries seen so far: a permission word of {@link Access}. */
    public int tablePermissions;
    /** The format's own state. */
    public long scratch;
    /** The last descriptor that was looked at. */
    public long descriptor;

    // ---- operands of the answer
    /** {@link WalkAction#READ}: where. */
    public long readAddress;
    /** {@link WalkAction#READ}: how many bytes, at once. */
    public int readBytes;
    /** {@link WalkAction#UPDATE}: where. */
    public long updateAddress;
    /** {@link WalkAction#UPDATE}: what must be there. */
    public long updateExpected;
    /** {@link WalkAction#UPDATE}: what to put there. */
    public long updateValue;
    /** {@link WalkAction#LEAF}: output address of the page's first byte. */
    public long outputBase;
    /** {@link WalkAction#LEAF}: log2 of the page size, contiguous runs included. */
    public int pageShift;
    /** {@link WalkAction#LEAF}: a permission word of {@link Access}. */
    public int permissions;
    /** {@link WalkAction#LEAF}: memory type, shareability and whatever else the format hands on. */
    public long attributes;
    /** {@link WalkAction#LEAF}: true if the translation holds for every address space of its VM or domain. */
    public boolean global;
    /** {@link WalkAction#FAULT}: why. */
    public WalkFault fault = WalkFault.NONE;
    /** {@link WalkFault#PERMISSION}: what exactly was refused, if the format says it: see {@link #refuse}. */
    public int refused;

    /** Begins a walk of {@code address}; the parameters must be set. */
    public void begin(long address, int wanted) {
        input = address;
        access = wanted;
        level = parameters.startLevel;
        table = parameters.root;
        tablePermissions = Access.both(Access.READ | Access.WRITE | Access.EXECUTE);
        scratch = 0;
        descriptor = 0;
        fault = WalkFault.NONE;
        refused = 0;
        global = false;
    }

    /** Sets up a {@link WalkAction#READ}. */
    public WalkAction read(long address, int bytes) {
        readAddress = address;
        readBytes = bytes;
        return WalkAction.READ;
    }

    /** Sets up a {@link WalkAction#FAULT}. */
    public WalkAction fail(WalkFault why) {
        fault = why;
        return WalkAction.FAULT;
    }

    /**
     * Sets up a {@link WalkAction#FAULT} for an access that is not allowed.
     *
     * @param accesses the bits of {@link Access} that were wanted and are not granted; {@link Access#PRIVILEGED} alone: nothing
     *     is granted to accesses that are not privileged
     */
    public WalkAction refuse(int accesses) {
        refused = accesses;
        return fail(WalkFault.PERMISSION);
    }

    /**
     * The translated address of {@link #input}, after a {@link WalkAction#LEAF}. A sum: a format that imitates a mistake may
     * say that a page begins elsewhere than at a multiple of its size.
     */
    public long output() {
        return outputBase + (input & (1L << pageShift) - 1);
    }
}
