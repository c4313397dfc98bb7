package org.iommusim.hw.dma;

import java.util.Arrays;
import org.iommusim.hw.check.Trail;
import org.iommusim.sim.world.Pooled;
import org.iommusim.sim.world.Timing;
import org.jspecify.annotations.Nullable;

/**
 * One memory access of a device, from the attempt to make it until the device has its answer. Mutable and pooled: whoever
 * makes requests reuses them after the answer. All times are ps.
 */
public final class DmaRequest implements Pooled {
    /** PASID of a request that carries none. */
    public static final int NO_PASID = -1;

    @Timing
    private final long[] ticks = new long[Station.values().length];

    private boolean underWay;
    private long id;
    private int requesterId;
    private int pasid = NO_PASID;
    private long iova;
    private int bytes;
    private boolean write;
    private boolean privileged;
    private boolean execute;
    private int orderId;
    private int door = -1;
    private long data;

    private Station station = Station.DEVICE_QUEUE;

    @Timing
    private long enteredAt;

    @Timing
    private long attemptedAt;

    @Timing
    private long issuedAt;

    @Timing
    private long translatedAt;

    @Timing
    private long answeredAt;

    private DmaOutcome outcome = DmaOutcome.PENDING;
    private long physicalAddress;
    private int faultCode;
    private int memoryAttributes;
    private long messageAddress = -1;
    private long doorbell = -1;

    @Timing
    private long missCount;

    private boolean foundShared;

    private AddressType addressType = AddressType.UNTRANSLATED;
    private long wireAddress;
    private CompletionStatus completionStatus = CompletionStatus.SUCCESS;
    private long translationEntry;

    /** What the translation was made from that a device has; for the stale-use checker. */
    private @Nullable Trail trail;

    private int slot;
    private int translationSlot;
    private int atcSlot;

    /** Makes an idle request for a pool. */
    public DmaRequest() {}

    /**
     * Begins a new life: clears everything and books time from now on to {@link Station#DEVICE_QUEUE}.
     *
     * @param requestId unique number within the run, in the order of attempts
     * @param function requester id (bus, device, function) that the request carries
     * @param substream PASID or {@link #NO_PASID}
     * @param address first byte, a device address
     * @param length bytes, at least 1
     */
    public void begin(
            long requestId, int function, int substream, long address, int length, boolean isWrite, long now) {
        Arrays.fill(ticks, 0);
        underWay = true;
        id = requestId;
        requesterId = function;
        pasid = substream;
        iova = address;
        bytes = length;
        write = isWrite;
        privileged = false;
        execute = false;
        orderId = 0;
        door = -1;
        data = 0;
        station = Station.DEVICE_QUEUE;
        enteredAt = now;
        attemptedAt = now;
        issuedAt = now;
        translatedAt = -1;
        answeredAt = -1;
        outcome = DmaOutcome.PENDING;
        physicalAddress = -1;
        faultCode = 0;
        memoryAttributes = 0;
        messageAddress = -1;
        doorbell = -1;
        missCount = 0;
        foundShared = false;
        addressType = AddressType.UNTRANSLATED;
        wireAddress = address;
        completionStatus = CompletionStatus.SUCCESS;
        translationEntry = 0;
        trail = null;
    }

    /**
     * Sends it out again as another kind of request: as a translation request, or with the address that one brought back.
     * Its time goes on.
     *
     * @param address what the address field says
     */
    public void resend(AddressType type, long address) {
        addressType = type;
        wireAddress = address;
        outcome = DmaOutcome.PENDING;
        physicalAddress = -1;
        faultCode = 0;
        translatedAt = -1;
        completionStatus = CompletionStatus.SUCCESS;
        translationEntry = 0;
    }

    /** Carries along where the checker notes what a device's translation was made from. */
    public void trail(@Nullable Trail newTrail) {
        trail = newTrail;
    }

    /** What a device's translation was made from; {@code null} without a checker. */
    public @Nullable Trail trail() {
        return trail;
    }

    /** The IOMMU's answer to a translation request: a data entry as PCIe lays it out, if the status is a success. */
    public void completion(CompletionStatus status, long entry) {
        completionStatus = status;
        translationEntry = entry;
    }

    /** Marks a request of a privileged or executing context; only meaningful with a PASID. */
    public void attributes(boolean isPrivileged, boolean isExecute) {
        privileged = isPrivileged;
        execute = isExecute;
    }

    /** Requests with the same order id (and direction) must leave an in-order IOMMU in order. */
    public void order(int newOrderId) {
        orderId = newOrderId;
    }

    /** Arrives at this door of the IOMMU; below 0, the IOMMU decides by the requester id. */
    public void door(int newDoor) {
        door = newDoor;
    }

    /** The door of the IOMMU that it arrives at, below 0 if the IOMMU decides. */
    public int door() {
        return door;
    }

    /** First eight bytes that a write carries, or that a read brought back. */
    public void data(long newData) {
        data = newData;
    }

    /** Moves to a station: the time since the last move is booked to the one that it leaves. */
    public void enter(Station next, long now) {
        ticks[station.ordinal()] += now - enteredAt;
        station = next;
        enteredAt = now;
    }

    /** Leaves the device: it holds an outstanding request from now on and goes up the link. */
    public void issued(long now) {
        enter(Station.LINK_UP, now);
        issuedAt = now;
    }

    /** The IOMMU is done with it; {@code result} is OK, BYPASS or how it ended. */
    public void translated(DmaOutcome result, long address, long now) {
        outcome = result;
        physicalAddress = address;
        translatedAt = now;
    }

    /**
     * The IOMMU has taken it for an interrupt message and is done with it: this leaves for the processors in its place, and
     * memory is not touched.
     */
    public void interrupt(long address, int messageData, long now) {
        translated(DmaOutcome.INTERRUPT, -1, now);
        messageAddress = address;
        data = messageData & 0xffff_ffffL;
    }

    /**
     * The IOMMU has taken it for an interrupt message of a guest, and has set it pending where the guest will find it; memory
     * is not touched otherwise.
     *
     * @param processor number of the processor that is told, on which the guest runs; -1 if none is
     */
    public void posted(long processor, long now) {
        translated(DmaOutcome.POSTED, -1, now);
        doorbell = processor;
    }

    /** Changes the outcome after the translation: no memory there, or lost on the way. */
    public void fail(DmaOutcome result) {
        outcome = result;
    }

    /** Remembers the vendor's code of the fault that ended it. */
    public void fault(int vendorCode) {
        faultCode = vendorCode;
    }

    /** Counts a translation that was not found in the IOMMU's translation caches. */
    public void missed() {
        missCount++;
    }

    /** A translation that missed was found in the translation cache of the shared unit, without a walk. */
    public void foundShared() {
        foundShared = true;
    }

    /** True if it was found in the translation cache of the shared unit. */
    public boolean sharedHit() {
        return foundShared;
    }

    /** The device has the answer: the last station is booked. */
    public void answered(long now) {
        enter(station, now);
        answeredAt = now;
        underWay = false;
    }

    @Override
    public boolean inUse() {
        return underWay;
    }

    /** Remembers where its present carrier keeps it; only the root port that carries it uses this. */
    public void slot(int carrierSlot) {
        slot = carrierSlot;
    }

    /** Where its present carrier keeps it. */
    public int slot() {
        return slot;
    }

    /** Remembers where its function's translation cache keeps it; only that uses this. */
    public void atcSlot(int deviceSlot) {
        atcSlot = deviceSlot;
    }

    /** Where its function's translation cache keeps it. */
    public int atcSlot() {
        return atcSlot;
    }

    /** Remembers where the IOMMU keeps it, until the access is carried out; only the IOMMU that took it uses this. */
    public void translationSlot(int iommuSlot) {
        translationSlot = iommuSlot;
    }

    /** Where the IOMMU that took it keeps it. */
    public int translationSlot() {
        return translationSlot;
    }

    /** Unique number within the run. */
    public long id() {
        return id;
    }

    /** Requester id: bus 15:8, device 7:3, function 2:0. */
    public int requesterId() {
        return requesterId;
    }

    /** PASID, or {@link #NO_PASID}. */
    public int pasid() {
        return pasid;
    }

    /** First byte, as the device addresses it. */
    public long iova() {
        return iova;
    }

    /** Length in bytes. */
    public int bytes() {
        return bytes;
    }

    /** True for a write. */
    public boolean write() {
        return write;
    }

    /** True if it asks for privileged access. */
    public boolean privileged() {
        return privileged;
    }

    /** True if it asks for execute access. */
    public boolean execute() {
        return execute;
    }

    /** What the address on the link is. */
    public AddressType addressType() {
        return addressType;
    }

    /** The address on the link: {@link #iova}, or for a translated request what the translation gave. */
    public long wireAddress() {
        return wireAddress;
    }

    /** Status of the translation completion. */
    public CompletionStatus completionStatus() {
        return completionStatus;
    }

    /** Data entry of the translation completion. */
    public long translationEntry() {
        return translationEntry;
    }

    /** Its ordering domain. */
    public int orderId() {
        return orderId;
    }

    /** First eight bytes of data. */
    public long data() {
        return data;
    }

    /** Where it is. */
    public Station station() {
        return station;
    }

    /** Time spent at a station so far, ps; the present station's open interval is not included. */
    public long ticks(Station at) {
        return ticks[at.ordinal()];
    }

    /** Sum of all stations' ticks, ps: after {@link #answered} exactly the latency. */
    public long totalTicks() {
        long sum = 0;
        for (long t : ticks) {
            sum += t;
        }
        return sum;
    }

    /** When the device wanted to make it. */
    public long attemptedAt() {
        return attemptedAt;
    }

    /** When it left the device. */
    public long issuedAt() {
        return issuedAt;
    }

    /** When the IOMMU was done with it, or -1. */
    public long translatedAt() {
        return translatedAt;
    }

    /** When the device had its answer, or -1. */
    public long answeredAt() {
        return answeredAt;
    }

    /** From attempt to answer; what the stations' ticks add up to. */
    public long latency() {
        return answeredAt - attemptedAt;
    }

    /** How it ended. */
    public DmaOutcome outcome() {
        return outcome;
    }

    /** Physical address of the first byte, or -1. */
    public long physicalAddress() {
        return physicalAddress;
    }

    /** Where the interrupt message that left in its place goes ({@link DmaOutcome#INTERRUPT}), or -1; its data is {@link #data}. */
    public long messageAddress() {
        return messageAddress;
    }

    /** The processor that was told of an interrupt of its guest ({@link DmaOutcome#POSTED}), or -1. */
    public long doorbell() {
        return doorbell;
    }

    /** Memory type and shareability after translation, in the vendor's encoding; 0 if it says nothing. */
    public int memoryAttributes() {
        return memoryAttributes;
    }

    /** The IOMMU sets them, before {@link #translated}. */
    public void memoryAttributes(int attributes) {
        memoryAttributes = attributes;
    }

    /** The vendor's code of the fault that ended it, 0 if none. */
    public int faultCode() {
        return faultCode;
    }

    /** How many translations of this request were not cached. */
    public long misses() {
        return missCount;
    }
}
