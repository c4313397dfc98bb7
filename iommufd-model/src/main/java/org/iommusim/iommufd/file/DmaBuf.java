package org.iommusim.iommufd.file;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * A dma-buf: memory of the kernel or of a device, in one physical run, that its exporter may take back from everybody who maps
 * it. The memory lives as long as the file or a map.
 */
public final class DmaBuf extends KernelFile implements PageSupplier {
    /** What making, attaching and releasing touch. */
    public static final Footprint TOUCHES =
            Footprint.of(PageSource.REVOKED, PageAllocator.ALLOCATOR, PhysicalMemory.PAGE, PhysicalMemory.WORD);

    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private static final Program<Revoke> REVOKE = Program.<Revoke>named("dma_buf_invalidate_mappings")
            .step("priv->revoked", TOUCHES, f -> {
                f.dmabuf.revoked.set(f.revoked ? 1 : 0);
                f.total.set(f.dmabuf.attachments.items().size());
            })
            .loop(
                    "each attachment",
                    f -> f.done.get() < f.total.get(),
                    b -> b.invoke(
                                    "invalidate_mappings",
                                    f -> f.dmabuf
                                            .attachments
                                            .items()
                                            .get(f.done.get())
                                            .importer
                                            .require()
                                            .revokeNotify())
                            .step("next", HostCost.FREE, Footprint.LOCAL, f -> f.done.add(1)))
            .build();
    private static final Program<Revoke> RELEASE = Program.<Revoke>named("dma_buf_release")
            .step("drop memory", TOUCHES, f -> f.dmabuf.drop())
            .build();

    private final long bytes;
    private final long physical;
    private final IntCell revoked;
    private final IntCell users;
    private final CellList<Attachment> attachments;

    private DmaBuf(Kernel kernel, long bytes, long physical) {
        super(kernel, "dmabuf");
        this.bytes = bytes;
        this.physical = physical;
        long instance = kernel.world().nextInstance();
        revoked = new IntCell(kernel.world(), PageSource.REVOKED, instance, 0);
        users = new IntCell(kernel.world(), PageSource.REVOKED, instance + (1L << 40), 1);
        attachments = new CellList<>(kernel.world(), PageSource.REVOKED);
    }

    /**
     * {@code dma_buf_export}: makes zeroed memory of whole pages.
     *
     * @param made gets the file
     * @return 0, or ENOMEM
     */
    public static int export(Kernel kernel, long bytes, RefCell<DmaBuf> made) {
        int pages = (int) (bytes / PAGE);
        long run = kernel.pages().allocate(PageOwner.KERNEL, pages, 1);
        if (run == PageAllocator.NONE) {
            return Errno.ENOMEM;
        }
        made.set(new DmaBuf(kernel, bytes, run));
        return 0;
    }

    /** Its size. */
    public long bytes() {
        return bytes;
    }

    /** Physical address of its first byte. */
    public long physical() {
        return physical;
    }

    /** The exporter takes its memory back, or lets new maps have it; every map that there is loses it in both cases. */
    public Call<?> revoke(boolean take) {
        return new Call<>(REVOKE, new Revoke(this, take));
    }

    @Override
    public int pages(long start, long end, RefCell<PageSource> source) {
        if (Long.compareUnsigned(end, bytes) > 0) {
            return Errno.EINVAL;
        }
        if (revoked.get() != 0) {
            return Errno.ENODEV;
        }
        Attachment made = new Attachment(this, start);
        users.add(1);
        attachments.add(made);
        source.set(made);
        return 0;
    }

    private void drop() {
        if (users.add(-1) == 0) {
            kernel().pages().free(physical, (int) (bytes / PAGE));
        }
    }

    @Override
    public Call<?> release() {
        return new Call<>(RELEASE, new Revoke(this, false));
    }

    /** One map of the buffer ({@code struct dma_buf_attachment}). */
    private static final class Attachment implements PageSource {
        private final DmaBuf dmabuf;
        private final long start;
        private final long id;
        private final IntCell gone;
        final RefCell<Importer> importer;

        Attachment(DmaBuf dmabuf, long start) {
            this.dmabuf = dmabuf;
            this.start = start;
            var world = dmabuf.kernel().world();
            id = world.nextInstance();
            gone = new IntCell(world, REVOKED, id, 0);
            importer = new RefCell<>(world, REVOKED, id + (1L << 40));
        }

        @Override
        public Kind kind() {
            return Kind.DMABUF;
        }

        @Override
        public long start() {
            return start;
        }

        @Override
        public int pin(long index, long pages, boolean write, PinnedFrames pinned) {
            long[] frames = new long[(int) pages];
            for (int i = 0; i < frames.length; i++) {
                frames[i] = dmabuf.physical + start + (index + i) * PAGE;
            }
            pinned.frames(frames);
            return 0;
        }

        @Override
        public void unpin(long index, long[] frames) {
            // Its pages are not counted: the attachment holds the memory.
        }

        @Override
        public boolean revoked() {
            return gone.get() != 0;
        }

        @Override
        public void setRevoked() {
            gone.set(1);
        }

        @Override
        public void importer(Importer newImporter) {
            importer.set(newImporter);
        }

        @Override
        public void release() {
            dmabuf.attachments.remove(this);
            dmabuf.drop();
        }

        @Override
        public long stableId() {
            return id;
        }
    }

    private static final class Revoke extends Frame {
        private final DmaBuf dmabuf;
        private final boolean revoked;
        private final IntCell total = count();
        private final IntCell done = count();

        Revoke(DmaBuf dmabuf, boolean revoked) {
            super(dmabuf.kernel().world());
            this.dmabuf = dmabuf;
            this.revoked = revoked;
        }
    }
}
