package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.access.AccessIoas;
import org.iommusim.iommufd.access.AccessLife;
import org.iommusim.iommufd.access.AccessPin;
import org.iommusim.iommufd.access.IommufdAccess;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code iommufd_hw_queue_alloc_phys} of viommu.c: pins the pages of a queue by an access of the kernel's own, and makes sure
 * that they follow each other in physical memory, because that is how the hardware will read them.
 */
final class HwQueuePages extends Frame {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;
    /** kvcalloc refuses more than this many bytes. */
    private static final long MOST_POINTER_BYTES = Integer.MAX_VALUE;

    private static final Program<HwQueuePages> ALLOC = Program.<HwQueuePages>named("iommufd_hw_queue_alloc_phys")
            .check("whole pages do not wrap", f -> !f.wraps(), Errno.ERANGE)
            .attempt("kvcalloc pages", HostCost.ALLOCATE, Footprint.LOCAL, HwQueuePages::allocatePointers)
            .invoke("iommufd_access_create_internal", f -> AccessLife.createInternal(f.viommu.ctx(), f.access))
            .take(
                    "created",
                    HostCost.FREE,
                    Footprint.LOCAL,
                    f -> 0,
                    Undo.onFailureCall("iommufd_access_destroy_internal", f -> AccessLife.destroy(f.access.require())))
            .invoke(
                    "iommufd_access_attach_internal",
                    f -> AccessIoas.attachInternal(
                            f.access.require(), f.viommu.hwpt().ioas()))
            .take(
                    "attached",
                    HostCost.FREE,
                    Footprint.LOCAL,
                    f -> 0,
                    Undo.onFailureCall("iommufd_access_detach_internal", f -> AccessIoas.detach(f.access.require())))
            .invoke("iommufd_access_pin_pages", HwQueuePages::pin)
            .take(
                    "pinned",
                    HostCost.FREE,
                    Footprint.LOCAL,
                    f -> 0,
                    Undo.onFailureCall(
                            "iommufd_access_unpin_pages",
                            f -> AccessPin.unpin(f.access.require(), f.firstPage(), f.bytes())))
            .check("contiguous", HwQueuePages::contiguous, Errno.EFAULT)
            .step(
                    "base_pa",
                    HostCost.FREE,
                    Footprint.LOCAL,
                    f -> f.basePa.set(f.pin.require().frames()[0] + f.base - f.firstPage()))
            .build();

    private final Viommu viommu;
    private final long base;
    private final long length;
    private final RefCell<IommufdAccess> access;
    private final LongCell basePa;
    private final RefCell<AccessPin> pin = ref();

    private HwQueuePages(Viommu viommu, long base, long length, RefCell<IommufdAccess> access, LongCell basePa) {
        super(viommu.ctx().kernel().world());
        this.viommu = viommu;
        this.base = base;
        this.length = length;
        this.access = access;
        this.basePa = basePa;
    }

    /**
     * Pins. Errors in this order: ERANGE (the pages wrap), ENOMEM, EADDRINUSE (a map of the IOAS is not page aligned), those
     * of {@link AccessPin#pin}, EFAULT (the pages do not follow each other).
     *
     * @param access gets the access, attached to the IOAS of the nesting parent
     * @param basePa gets the physical address of the queue
     */
    static Call<?> call(Viommu viommu, long base, long length, RefCell<IommufdAccess> access, LongCell basePa) {
        return new Call<>(ALLOC, new HwQueuePages(viommu, base, length, access, basePa));
    }

    private long firstPage() {
        return base & -PAGE;
    }

    private long bytes() {
        return base - firstPage() + length + PAGE - 1 & -PAGE;
    }

    private boolean wraps() {
        long offset = base - firstPage();
        return Long.compareUnsigned(offset + length, length) < 0
                || Long.compareUnsigned(offset + length + PAGE - 1, offset + length) < 0;
    }

    private int allocatePointers() {
        long pointers = Long.divideUnsigned(bytes(), PAGE) * Long.BYTES;
        if (pointers > MOST_POINTER_BYTES) {
            return Errno.ENOMEM;
        }
        return viommu.ctx().kernel().faults().errno("iommufd_hw_queue_alloc_phys", "kvcalloc pages");
    }

    private Call<?> pin() {
        Call<AccessPin> call = AccessPin.pin(access.require(), firstPage(), bytes(), false);
        pin.set(call.frame());
        return call;
    }

    private boolean contiguous() {
        long[] frames = pin.require().frames();
        for (int page = 1; page < frames.length; page++) {
            if (frames[page] != frames[page - 1] + PAGE) {
                return false;
            }
        }
        return true;
    }
}
