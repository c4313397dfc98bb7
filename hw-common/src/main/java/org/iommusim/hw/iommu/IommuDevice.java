package org.iommusim.hw.iommu;

import java.util.List;
import java.util.Optional;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.DmaSource;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.sim.program.WaitQueue;
import org.jspecify.annotations.Nullable;

/**
 * One physical IOMMU: a register block, a door for DMA requests, and an interrupt output. It is programmed only through
 * its registers and through tables and queues in memory.
 */
public interface IommuDevice {
    /** Name within the machine, e.g. {@code smmu0}. */
    String name();

    /** The vendor's word, e.g. {@code smmuv3}. */
    String kind();

    /** Size of the register block in bytes. */
    long mmioBytes();

    /**
     * Reads a register.
     *
     * @param offset byte offset in the register block
     * @param bytes 4 or 8
     * @return the value; what the architecture says for reserved offsets and sizes
     */
    long mmioRead(long offset, int bytes);

    /** Writes a register; effects that take time happen later, on the device's own lanes. */
    void mmioWrite(long offset, int bytes, long value);

    /**
     * Takes an untranslated DMA request for translation. Requests that find no free slot wait inside, in order, and their
     * wait is booked to {@link org.iommusim.hw.dma.Station#FRONT_END}.
     *
     * <p>An interrupt message of a function is such a request, too. Where the architecture tells interrupts by their address
     * (a write to 0xFEEx_xxxx), the device does not translate it but ends it with {@link DmaRequest#interrupt}; where it does
     * not, it is translated as any write.
     *
     * @param request entered at {@code FRONT_END} by the device; must not be touched by the caller until the completion
     * @param completion told once: the request is translated (and already past the device's port to memory) or ended
     */
    void accept(DmaRequest request, DmaCompletion completion);

    /**
     * The same as {@link #accept} for a source that keeps what finds no room: if the request is refused, nothing is
     * remembered of it, and the source is told once when it may try again. An IOMMU without such a door accepts all.
     *
     * @return false if it was refused
     */
    default boolean offer(DmaRequest request, DmaCompletion completion, DmaSource source) {
        accept(request, completion);
        return true;
    }

    /**
     * Makes room for so many requests at a time. A device may make what a request needs, its lane above all, only when it
     * comes; an exploration that goes back must not do so, or the lanes have other numbers when it comes again.
     */
    default void prepare(int requests) {}

    /** How many doors there are that a request can name ({@link DmaRequest#door}). */
    default int doors() {
        return 1;
    }

    /** Cycle at which answers leave a door towards a source that stands there, ps; 0: the source's own. */
    default long answerCyclePs() {
        return 0;
    }

    /**
     * The access of a request that was translated or passed ({@link org.iommusim.hw.dma.DmaOutcome#completed}) has been
     * carried out in memory, or was given up. Whoever carries it out must say so, exactly once: an invalidation is only
     * complete when the accesses that used the old translation are.
     */
    default void carriedOut(DmaRequest request) {}

    /** A function with an address translation cache is behind this IOMMU; called while the machine is put together. */
    default void connect(AtsEndpoint endpoint) {}

    /**
     * An invalidate completion of a function has arrived, behind everything that it pushes.
     *
     * @param tags a bit for each ITag that is complete
     * @param count how many completions there are for each of these requests, 1 to 8 (0 stands for 8)
     */
    default void invalidated(int requesterId, int tags, int count) {}

    /** A page request of a function has arrived. Without the feature it is answered with a failure, or dropped. */
    default void pageRequested(PageRequest request) {}

    /** Who watches what is made of its tables; {@code null} if nobody does. */
    default @Nullable StaleUseChecker staleUseChecker() {
        return null;
    }

    /** Where interrupts go; called once while the machine is put together. */
    void connectInterrupts(InterruptSink sink);

    /** Where a poll of this device's registers or of memory that it writes waits for a change: {@link WaitQueue#polled}. */
    WaitQueue changed();

    /** Where accesses of this device can be made to fail; empty if it cannot. */
    default Optional<BusFaults> busFaults() {
        return Optional.empty();
    }

    /** Names of the lanes-like units of the device, for timelines; e.g. {@code smmu0 cmdq}. */
    List<String> units();
}
