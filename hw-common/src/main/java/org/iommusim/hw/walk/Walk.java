package org.iommusim.hw.walk;

import org.iommusim.hw.check.Trail;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.world.Pooled;
import org.jspecify.annotations.Nullable;

/**
 * One translation by the {@link WalkEngine}: what is asked, how far it is, and the answer. Made once per translation slot
 * and reused. Its owner sets {@link #stage1}, {@link #stage2} and the tags, starts it, and reads the answer when it is told.
 */
public final class Walk implements Pooled {
    /** What stage 2 translates at the moment. */
    enum Purpose {
        /** The address that was asked for, or what stage 1 made of it. */
        FINAL,
        /** The address of a stage-1 table entry. */
        TABLE,
        /** The address of a stage-1 table entry that is to be updated. */
        UPDATE,
        /** An address of a structure, for the owner. */
        STRUCTURE
    }

    final int id;
    final Lane lane;
    final EventHandler client;
    final int op;
    final long arg;
    final StageWalk first = new StageWalk(1, Station.STAGE1_READ);
    final StageWalk second = new StageWalk(2, Station.STAGE2_READ);

    StageWalk active = first;
    Purpose purpose = Purpose.FINAL;
    boolean descending;
    int access;
    boolean refill;

    /** Links of {@link MergedReads}: others that read, and others that wait for this one's read. */
    @Nullable
    Walk readingNext;

    @Nullable
    Walk readNext;
    /** Whether a read in which it joined reached memory. */
    boolean reached;

    /** What it was made from so far, if somebody checks. */
    @Nullable
    Trail trail;

    /** First source of stage 1, and of the stage-2 translation under way; behind stage 1's own leaf. */
    int firstFrom;

    int secondFrom;
    int firstEnd;
    /** log2 of stage 1's page; 0 until its leaf is known. */
    int leafShift;

    private @Nullable Pooled owner;
    private @Nullable DmaRequest request;
    /** Accesses of which stage 1 has to allow one; 0: it need not. */
    private int anyOf;

    private boolean marksNothing;

    private long tag1;
    private long tag2;

    // ---- the answer
    private long output;
    private int pageShift;
    private int permissions;
    private boolean global;
    private WalkFault fault = WalkFault.NONE;
    private int faultStage;
    private boolean faultOnTable;
    private boolean faultOnUpdate;
    private boolean updateAborted;
    private int refused;
    private long faultIpa;
    private long fetchAddress;
    private int faultLevel;

    Walk(int id, Lane lane, EventHandler client, int op, long arg) {
        this.id = id;
        this.lane = lane;
        this.client = client;
        this.op = op;
        this.arg = arg;
    }

    /** Says whose walk it is: while that one is not in use, neither is the walk. Set once. */
    public void of(Pooled newOwner) {
        owner = newOwner;
    }

    @Override
    public boolean inUse() {
        return owner == null || owner.inUse();
    }

    /** Configuration of stage 1, to be set before a translation; cleared: stage 1 is bypassed. */
    public StageParameters stage1() {
        return first.state.parameters;
    }

    /** Configuration of stage 2, to be set before a translation; cleared: stage 2 is bypassed. */
    public StageParameters stage2() {
        return second.state.parameters;
    }

    /**
     * Names the address spaces for the walk cache.
     *
     * @param newTag1 tag of stage-1 entries: the owner's packing of, say, ASID and VMID
     * @param newTag2 tag of stage-2 entries: say, the VMID
     */
    public void tags(long newTag1, long newTag2) {
        tag1 = newTag1;
        tag2 = newTag2;
    }

    /**
     * Says what a translation is of use for, to be set before it: if stage 1 allows none of these accesses, it ends there with
     * a permission fault, and stage 2 is not asked for the output address.
     *
     * @param accesses bits of {@link Access}, privileged ones if {@link Access#PRIVILEGED} is among them; 0: it is of use in
     *     any case
     */
    public void anyOf(int accesses) {
        anyOf = accesses;
    }

    /**
     * Says whether a translation may write accessed and dirty flags, to be set before it. If not, it ends with a permission
     * fault at the first entry whose flags are missing: what it finds may be kept, because nobody has to come back to mark it.
     */
    public void marksNothing(boolean leavesEntries) {
        marksNothing = leavesEntries;
    }

    boolean marksNothing() {
        return marksNothing;
    }

    /** True if stage 1's leaf allows nothing that the translation is of use for. */
    boolean isOfNoUse() {
        int allowed = first.state.permissions;
        int bits = (anyOf & Access.PRIVILEGED) != 0 ? allowed >>> Access.PRIVILEGED_SHIFT : allowed;
        return anyOf != 0 && (bits & anyOf & (Access.READ | Access.WRITE | Access.EXECUTE)) == 0;
    }

    /** Where to note what is read, for the checker; set once. */
    public void trail(@Nullable Trail newTrail) {
        trail = newTrail;
    }

    /** The request to which time is booked, or {@code null}. */
    public void request(@Nullable DmaRequest newRequest) {
        request = newRequest;
    }

    /**
     * From now on this walk fills no walk cache: something that it may have read was invalidated. The translation goes on
     * and may still give the old result; whoever completes the invalidation has to wait for it.
     */
    public void forbidRefill() {
        refill = false;
    }

    /** The translated address. */
    public long output() {
        return output;
    }

    /** What stage 1 made of the input, after a successful translation in which it took part. */
    public long stage1Output() {
        return first.state.output();
    }

    /** log2 of the range around the address for which the translation holds: the smaller one of both stages' pages. */
    public int pageShift() {
        return pageShift;
    }

    /** log2 of the size of stage 1's own page or block; 0 as long as its leaf is not known. */
    public int stage1Shift() {
        return leafShift;
    }

    /** What both stages allow: a permission word of {@link Access}. */
    public int permissions() {
        return permissions;
    }

    /** Attributes that stage 1 handed on. */
    public long stage1Attributes() {
        return first.state.attributes;
    }

    /** Attributes that stage 2 handed on. */
    public long stage2Attributes() {
        return second.state.attributes;
    }

    /** True if the translation holds for every address space of its VM or domain. */
    public boolean global() {
        return global;
    }

    /** Why it failed, or {@link WalkFault#NONE}. */
    public WalkFault fault() {
        return fault;
    }

    /** The stage that failed, 1 or 2. */
    public int faultStage() {
        return faultStage;
    }

    /** True if stage 2 failed on the address of a stage-1 table entry, and not on the input itself. */
    public boolean faultOnTable() {
        return faultOnTable;
    }

    /** True if {@link #faultOnTable} and the entry was to be updated, not read. */
    public boolean faultOnUpdate() {
        return faultOnUpdate;
    }

    /** True if the bus refused the write that sets accessed or dirty flags of an entry. */
    public boolean updateAborted() {
        return updateAborted;
    }

    /** What a format said was refused, after a permission fault: {@link WalkState#refuse}; 0: it did not say. */
    public int refused() {
        return refused;
    }

    /** Level of the entry that stage 1 read last, or was about to read, in its format's numbering. */
    public int stage1Level() {
        return first.state.level;
    }

    /** The intermediate physical address that stage 2 failed on; 0 if stage 1 failed. */
    public long faultIpa() {
        return faultIpa;
    }

    /** Physical address of the table entry that was read last. */
    public long fetchAddress() {
        return fetchAddress;
    }

    /** Level at which it failed, in the format's numbering. */
    public int faultLevel() {
        return faultLevel;
    }

    boolean nested() {
        return first.state.parameters.enabled() && second.state.parameters.enabled();
    }

    long activeTag() {
        return active == first ? tag1 : tag2;
    }

    void enter(Station station, long now) {
        if (request != null) {
            request.enter(station, now);
        }
    }

    void begin(int wanted) {
        access = wanted;
        refill = true;
        descending = false;
        fault = WalkFault.NONE;
        faultStage = 0;
        faultOnTable = false;
        faultOnUpdate = false;
        updateAborted = false;
        refused = 0;
        faultIpa = 0;
        fetchAddress = 0;
        faultLevel = 0;
        leafShift = 0;
        first.state.attributes = 0;
        second.state.attributes = 0;
    }

    void fetched(long address) {
        fetchAddress = address;
    }

    /** False if stage 2 found memory that the walker itself may not touch, and it was the walker that asked. */
    boolean holdsTables() {
        return purpose == Purpose.FINAL || second.format().holdsTables(stage2(), second.state.attributes);
    }

    /** True if the stage-2 page that was just found holds the whole next table, so that one address stands for it. */
    boolean tableIsInOnePage() {
        int shift = second.state.pageShift;
        long table = first.state.table;
        long last = table + (1L << stage1().granuleShift) - 1;
        return table >>> shift == last >>> shift;
    }

    void answer(long address, int shift, int allowed, boolean everywhere) {
        output = address;
        pageShift = shift;
        permissions = allowed;
        global = everywhere;
    }

    /** All stages have their leaves: puts the answer together. */
    void answer() {
        WalkState one = first.state;
        WalkState two = second.state;
        if (active == first) {
            answer(one.output(), one.pageShift, one.permissions, one.global);
        } else if (purpose == Purpose.FINAL && nested()) {
            int shift = Math.min(one.pageShift, two.pageShift);
            answer(two.output(), shift, one.permissions & two.permissions, one.global);
        } else {
            answer(two.output(), two.pageShift, two.permissions, true);
        }
    }

    void fail(WalkFault why) {
        fault = why;
        faultStage = active.stage;
        faultOnUpdate = active == second && purpose == Purpose.UPDATE;
        faultOnTable = faultOnUpdate || active == second && purpose == Purpose.TABLE;
        faultIpa = active == second ? second.state.input : 0;
        faultLevel = active.state.level;
        refused = why == WalkFault.PERMISSION ? active.state.refused : 0;
    }

    /** The bus refused the update of an entry of the active stage. */
    void failUpdate() {
        updateAborted = true;
    }
}
