package org.iommusim.hw.pcie;

import java.util.List;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A PCIe function: what carries a requester id and can be plugged, driven, and removed. */
public final class PciFunction implements Identified {
    /** Presence, bus mastering and the like. */
    public static final Variable CONFIG_SPACE = Variable.named("pci.config");

    private final String name;
    private final int requesterId;
    private final RootPort port;
    private final List<SwitchPort> way;
    private final long id;
    private final IntCell present;
    private final IntCell busMaster;
    private @Nullable Atc atc;

    /** Makes a function directly below a root port, not plugged in yet. */
    public PciFunction(World world, String name, int requesterId, RootPort port) {
        this(world, name, requesterId, List.of(), port);
    }

    /**
     * Makes a function that is not plugged in yet.
     *
     * @param way the switch ports on the way up to the root port, the nearest first
     */
    public PciFunction(World world, String name, int requesterId, List<SwitchPort> way, RootPort port) {
        this.way = List.copyOf(way);
        this.name = name;
        this.requesterId = requesterId;
        this.port = port;
        id = world.nextInstance();
        present = new IntCell(world, CONFIG_SPACE, id, 0);
        busMaster = new IntCell(world, CONFIG_SPACE, id + (1L << 40), 0);
    }

    /** Name within the machine. */
    public String name() {
        return name;
    }

    /** Bus, device and function number. */
    public int requesterId() {
        return requesterId;
    }

    /** The root port that it sits behind. */
    public RootPort port() {
        return port;
    }

    /** The switch ports on the way up to the root port, the nearest first. */
    public List<SwitchPort> way() {
        return way;
    }

    /** True while it is in its slot and powered. */
    public boolean present() {
        return present.get() != 0;
    }

    /** Puts it into its slot, or takes it out; out also ends bus mastering. */
    public void setPresent(boolean there) {
        present.set(there ? 1 : 0);
        if (!there) {
            busMaster.set(0);
            if (atc != null) {
                atc.gone();
            }
        }
    }

    /** True if it may issue DMA. */
    public boolean busMaster() {
        return busMaster.get() != 0;
    }

    /** Sets or clears the bus master enable bit. */
    public void setBusMaster(boolean enabled) {
        busMaster.set(enabled ? 1 : 0);
    }

    /**
     * Gives it an address translation cache, switched off; once, while the machine is put together. It must sit behind an IOMMU.
     *
     * @return the cache
     */
    public Atc addAtc(Simulation sim, AtsSettings settings) {
        IommuDevice iommu = port.iommu();
        if (atc != null || iommu == null) {
            throw new IllegalStateException(this + (atc != null ? " has an ATC" : " has no IOMMU to ask"));
        }
        Atc made = new Atc(sim, this, settings, iommu);
        atc = made;
        return made;
    }

    /** Its address translation cache, or {@code null}. */
    public @Nullable Atc atc() {
        return atc;
    }

    /** {@code pci_enable_ats}, {@code pci_disable_ats}: its ATS control register; nothing without a cache. */
    public void writeAtsControl(boolean on) {
        if (atc != null) {
            atc.setEnabled(on);
        }
    }

    /** {@code pci_enable_pri}, {@code pci_disable_pri}: its page request control register; nothing without a cache. */
    public void writePriControl(boolean on) {
        if (atc != null) {
            atc.pages().setEnabled(on);
        }
    }

    /** {@code pci_ats_queue_depth}: invalidation requests that it takes at a time; 0 stands for 32. */
    public int atsQueueDepth() {
        return atc == null ? 0 : atc.settings().invalidateQueueDepth() & 31;
    }

    /** It has a page request interface. */
    public boolean asksForPages() {
        return atc != null && atc.settings().pageRequests() > 0;
    }

    /**
     * Issues a DMA request, as {@link #issue(DmaRequest, DmaCompletion)}, in an address mode; without an enabled cache it is
     * sent untranslated.
     */
    public void issue(DmaRequest request, AddressMode mode, DmaCompletion completion) {
        Atc cache = atc;
        if (mode == AddressMode.UNTRANSLATED || cache == null || !cache.enabled()) {
            issue(request, completion);
        } else {
            cache.issue(request, mode == AddressMode.ATS_PRI, completion);
        }
    }

    /**
     * Issues a DMA request that {@link DmaRequest#begin} prepared; {@code completion} is told when the answer is back.
     * Without bus mastering or presence the device gives up after a while: {@link org.iommusim.hw.dma.DmaOutcome#LOST}.
     */
    public void issue(DmaRequest request, DmaCompletion completion) {
        port.issue(this, request, completion);
    }

    /**
     * Sends a message signalled interrupt: a posted write of four bytes without a PASID, never with a translated address.
     * What becomes of it is the IOMMU's business. One that knows interrupts by their address ends it with {@link
     * org.iommusim.hw.dma.DmaOutcome#INTERRUPT} or {@link org.iommusim.hw.dma.DmaOutcome#POSTED}, or blocks it; for any other, and without one, it is a write as all writes.
     *
     * @param request idle; begins anew here
     * @param requestId as in {@link DmaRequest#begin}
     * @param address as the function's registers hold it: bits 1:0 do not exist there
     * @param now current time, ps
     */
    public void sendMsi(
            DmaRequest request, long requestId, long address, int data, long now, DmaCompletion completion) {
        request.begin(requestId, requesterId, DmaRequest.NO_PASID, address & -4L, Integer.BYTES, true, now);
        // Twice, because a write takes its bytes from where they stand in eight.
        request.data((data & 0xffff_ffffL) * 0x1_0000_0001L);
        issue(request, completion);
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return name + " (" + Bdf.text(requesterId) + ")";
    }
}
