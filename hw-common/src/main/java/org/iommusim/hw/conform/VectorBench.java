package org.iommusim.hw.conform;

import java.util.List;
import org.iommusim.hw.dma.DmaRequest;
import org.jspecify.annotations.Nullable;

/** Software's side of one device while vectors are replayed: only registers and memory, no time. */
public interface VectorBench {
    /** Puts a command at the tail of the command queue and moves the tail by one. */
    void command(long[] words);

    /** True if the device has taken every command and the queue has not stopped. */
    boolean commandsTaken();

    /** True if the completion of this command means that all commands before it are complete. */
    boolean completes(long[] command);

    /** One of {@link VectorTarget#states()}, now. */
    long state(String name);

    /**
     * The fault records that the device wrote since the last call, oldest first; where the recorded software read them again
     * until it had consumed them, those that are not consumed yet.
     */
    List<long[]> newRecords();

    /** How many of the records that {@link #newRecords} would give now it has given before. */
    default int unreadRecords() {
        return 0;
    }

    /** True if the tables say that faults of a function make no record, or not every one. */
    default boolean silences(int sid) {
        return false;
    }

    /** Tells the device that all fault records were read. */
    void consumeRecords();

    /** What a record says in the words of a check model ({@link VectorTarget#claims()}); -1 if it says nothing. */
    long claim(String name, long[] record);

    /** Which bits of a claimed value are defined for this record. */
    long claimBits(String name, long[] record);

    /**
     * Takes note of what an IOMMU may keep of an access that was carried out with the tables as they are now.
     *
     * @param sid requester id
     * @param pasid PASID, or {@link DmaRequest#NO_PASID}
     * @param iova first byte
     * @param ok true if it was translated or passed
     * @param record the fault record that it made, if any
     */
    CachedResult remember(int sid, int pasid, long iova, boolean ok, long @Nullable [] record);

    /** The same for an interrupt message, which is an access as any other where the IOMMU does not tell it apart. */
    default CachedResult rememberMessage(int sid, long address, int data, boolean ok, long @Nullable [] record) {
        return remember(sid, DmaRequest.NO_PASID, address, ok, record);
    }
}
