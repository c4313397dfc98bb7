package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.ConfigurationTrap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/** The programs of {@link Smmuv3Guest}, and their frame. They run on a vCPU and store into guest memory only. */
final class GuestOp extends Frame {
    private static final Footprint STREAM = Footprint.of(Touches.GUEST);
    private static final Footprint MEMORY = PageTable.PAGES.and(Touches.GUEST, Touches.DEVICE_DATA);

    static final Program<GuestOp> ATTACH = Program.<GuestOp>named("guest arm_smmu_attach_dev")
            .check("not attached", STREAM, f -> f.stream.page.get() == 0, Errno.EBUSY)
            .take(
                    "alloc_io_pgtable_ops",
                    HostCost.ALLOCATE,
                    MEMORY,
                    f -> f.allocate(f.stream.root),
                    Undo.onFailure("free_io_pgtable_ops", MEMORY, f -> f.release(f.stream.root)))
            .take(
                    "alloc CD table",
                    HostCost.ALLOCATE,
                    MEMORY,
                    f -> f.allocate(f.stream.page),
                    Undo.onFailure("free CD table", MEMORY, f -> f.release(f.stream.page)))
            .when(
                    "stream table of two levels",
                    f -> f.throughDirectory,
                    p -> p.take(
                            "alloc level-1 table",
                            HostCost.ALLOCATE,
                            MEMORY,
                            f -> f.allocate(f.stream.directory),
                            Undo.onFailure("free level-1 table", MEMORY, f -> f.release(f.stream.directory))))
            .attempt("alloc ASID", HostCost.ATOMIC, MEMORY.and(Touches.IDS), GuestOp::allocateAsid)
            .loop(
                    "CD words left",
                    f -> f.next.get() < Cd.WORDS,
                    p -> p.step("write CD word", HostCost.TABLE_STORE, MEMORY, GuestOp::writeCdWord))
            .step("dma_wmb", HostCost.BARRIER, Footprint.LOCAL, f -> {})
            .step("write STE word 1", HostCost.TABLE_STORE, MEMORY, f -> f.writeSte(1, f.steWords()[1]))
            .step("write STE word 0", HostCost.TABLE_STORE, MEMORY, f -> f.writeSte(0, f.steWords()[0]))
            .when(
                    "level 1 leads to it",
                    f -> f.throughDirectory,
                    p -> p.step(
                            "write level-1 descriptor",
                            HostCost.TABLE_STORE,
                            MEMORY,
                            f -> f.memory().write(f.stream.directory.get(), Ste.l1Descriptor(f.stream.ste(), 0))))
            .branch("CFGI_STE traps", ConfigurationTrap.ARMED, GuestOp::traps, p -> trap(p, "CFGI_STE, CMD_SYNC"))
            .step("attached", HostCost.FREE, STREAM, f -> f.stream.attached.set(1))
            .build();

    static final Program<GuestOp> DETACH = Program.<GuestOp>named("guest arm_smmu_detach_dev")
            .check("attached", STREAM, f -> f.stream.attached.get() != 0, Errno.ENOENT)
            .branch(
                    "one level",
                    STREAM,
                    f -> f.stream.directory.get() == 0,
                    p -> p.step(
                                    "write STE word 0 (abort)",
                                    HostCost.TABLE_STORE,
                                    MEMORY,
                                    f -> f.writeSte(0, Ste.abort()[0]))
                            .step("write STE word 1 (abort)", HostCost.TABLE_STORE, MEMORY, f -> f.writeSte(1, 0)))
            .branch(
                    "two levels",
                    STREAM,
                    f -> f.stream.directory.get() != 0,
                    p -> p.step(
                            "clear level-1 descriptor",
                            HostCost.TABLE_STORE,
                            MEMORY,
                            f -> f.memory().write(f.stream.directory.get(), 0)))
            .branch("CFGI_STE traps", ConfigurationTrap.ARMED, GuestOp::traps, p -> trap(p, "CFGI_STE, CMD_SYNC"))
            .step("CFGI_CD, TLBI_NH_ASID", HostCost.LOCAL, STREAM, GuestOp::detachCommands)
            .build();

    /** Step by step as the architecture's text has it for any change: the entry is invalid while its words change. */
    static final Program<GuestOp> REPLACE = Program.<GuestOp>named("guest arm_smmu_attach_dev (another domain)")
            .check("attached", STREAM, f -> f.stream.attached.get() != 0, Errno.ENOENT)
            .take(
                    "alloc_io_pgtable_ops",
                    HostCost.ALLOCATE,
                    MEMORY,
                    GuestOp::allocateSecondRoot,
                    Undo.onFailure("free_io_pgtable_ops", MEMORY, GuestOp::dropSecondRoot))
            .attempt("alloc ASID", HostCost.ATOMIC, MEMORY.and(Touches.IDS), GuestOp::allocateSecondAsid)
            .loop(
                    "CD words left",
                    f -> f.next.get() < Cd.WORDS,
                    p -> p.step("write CD word", HostCost.TABLE_STORE, MEMORY, GuestOp::writeCdWord))
            .step("dma_wmb", HostCost.BARRIER, Footprint.LOCAL, f -> {})
            .step("write STE word 0 (V=0)", HostCost.TABLE_STORE, MEMORY, f -> f.writeSte(0, 0))
            .branch("CFGI_STE traps", ConfigurationTrap.ARMED, GuestOp::traps, p -> trap(p, "CFGI_STE, CMD_SYNC"))
            .step("write STE word 0", HostCost.TABLE_STORE, MEMORY, f -> f.writeSte(0, f.steWords()[0]))
            .branch(
                    "CFGI_STE traps again",
                    ConfigurationTrap.ARMED,
                    GuestOp::traps,
                    p -> trap(p, "CFGI_STE, CMD_SYNC of the new entry"))
            .step("CFGI_CD, TLBI_NH_ASID", HostCost.LOCAL, STREAM, f -> f.streamCommands(f.stream.oldAsid.get()))
            .build();

    static final Program<GuestOp> FREE_REPLACED = Program.<GuestOp>named("guest arm_smmu_domain_free (replaced)")
            .check("replaced", STREAM, f -> f.stream.oldRoot.get() != 0, Errno.EBUSY)
            .step("free_io_pgtable_ops", HostCost.ALLOCATE, MEMORY.and(Touches.IDS), GuestOp::freeReplaced)
            .build();

    static final Program<GuestOp> FREE = Program.<GuestOp>named("guest arm_smmu_domain_free")
            .check("detached", STREAM, f -> f.stream.attached.get() == 0 && f.stream.page.get() != 0, Errno.EBUSY)
            .step("free_io_pgtable_ops", HostCost.ALLOCATE, MEMORY, GuestOp::freeTables)
            .step("free CD table", HostCost.ATOMIC, MEMORY.and(Touches.IDS), GuestOp::freeCd)
            .build();

    static final Program<GuestOp> MAP = Program.<GuestOp>named("guest iommu_map")
            .check("attached", STREAM, f -> f.stream.root.get() != 0, Errno.ENOENT)
            .invoke("map_pages", GuestOp::mapPages)
            .build();

    static final Program<GuestOp> UNMAP = Program.<GuestOp>named("guest iommu_unmap")
            .check("attached", STREAM, f -> f.stream.root.get() != 0, Errno.ENOENT)
            .invoke("unmap_pages", GuestOp::unmapPages)
            .step("TLBI_NH_VA or TLBI_NH_ASID", HostCost.LOCAL, STREAM, GuestOp::unmapCommands)
            .build();

    private static final int INPUT_BITS = 48;
    private static final LpaeFormat FORMAT = new LpaeFormat(1, false);

    private final GuestKernel guest;
    private final GuestStream stream;
    private final boolean throughDirectory;
    private final @Nullable RefCell<UserData> commands;
    private final long iova;
    private final long guestPhysical;
    private final long bytes;
    private final int protection;
    /** Next word of the context descriptor. */
    private final IntCell next = count();

    /** A frame; what an operation does not need is 0 or {@code null}. */
    GuestOp(
            GuestKernel guest,
            GuestStream stream,
            boolean throughDirectory,
            @Nullable RefCell<UserData> commands,
            long iova,
            long guestPhysical,
            long bytes,
            int protection) {
        super(guest.smmu().world());
        this.guest = guest;
        this.stream = stream;
        this.throughDirectory = throughDirectory;
        this.commands = commands;
        this.iova = iova;
        this.guestPhysical = guestPhysical;
        this.bytes = bytes;
        this.protection = protection;
    }

    private ArmSmmu smmu() {
        return guest.smmu();
    }

    private TableMemory memory() {
        return guest.memory();
    }

    private boolean traps() {
        return guest.trap(stream.virtualSid()) != null;
    }

    /** A guest does not see how its command fared: its handler of command errors goes on behind it. */
    private static void trap(Program.Builder<GuestOp> p, String commands) {
        p.invokeIgnoringError(commands, f -> {
            ConfigurationTrap to = f.guest.trap(f.stream.virtualSid());
            return to == null ? null : to.changed(f.stream.virtualSid());
        });
    }

    private int allocate(LongCell address) {
        long page = memory().allocate(1);
        if (page == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        address.set(page);
        return 0;
    }

    private void release(LongCell address) {
        memory().free(address.get(), 1);
        address.set(0);
    }

    private int allocateAsid() {
        int id = guest.asids().allocate(1, smmu().ids().asidMask());
        if (id == IdPool.NONE) {
            return Errno.ENOSPC;
        }
        stream.asid.set(id);
        return 0;
    }

    private int allocateSecondRoot() {
        long page = memory().allocate(1);
        if (page == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        stream.oldRoot.set(stream.root.get());
        stream.root.set(page);
        return 0;
    }

    private void dropSecondRoot() {
        release(stream.root);
        stream.root.set(stream.oldRoot.get());
        stream.oldRoot.set(0);
    }

    private int allocateSecondAsid() {
        int old = stream.asid.get();
        int errno = allocateAsid();
        if (errno == 0) {
            stream.oldAsid.set(old);
            stream.otherCd();
        }
        return errno;
    }

    private PageTable table() {
        return table(stream.root.get());
    }

    private PageTable table(long root) {
        return FORMAT.table(
                memory(), root, INPUT_BITS, Math.min(48, smmu().ids().oasBits()));
    }

    private void writeCdWord() {
        int word = next.get();
        long[] cd = SteTargets.contextDescriptor(smmu().ids(), table(), stream.asid.get());
        memory().write(stream.cd() + 8L * word, cd[word]);
        next.set(word + 1);
    }

    private long[] steWords() {
        return SteTargets.cdTable(smmu().ids(), stream.cd());
    }

    private void writeSte(int word, long value) {
        memory().write(stream.ste() + 8L * word, value);
    }

    private void detachCommands() {
        stream.attached.set(0);
        streamCommands(stream.asid.get());
    }

    private void streamCommands(int asid) {
        answer(Cmd.cfgiCd0(stream.virtualSid(), 0), Cmd.leaf1(true), Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, asid), 0);
    }

    private void freeTables() {
        table().freeAll();
        stream.root.set(0);
    }

    private void freeReplaced() {
        table(stream.oldRoot.get()).freeAll();
        stream.oldRoot.set(0);
        guest.asids().free(stream.oldAsid.get());
        stream.oldAsid.set(0);
    }

    private void freeCd() {
        release(stream.page);
        if (stream.directory.get() != 0) {
            release(stream.directory);
        }
        guest.asids().free(stream.asid.get());
        stream.asid.set(0);
    }

    private Call<?> mapPages() {
        return LpaeFormat.MAPPING.map(
                world(), table(), iova, guestPhysical, bytes, protection, storePs(), this::unmapAgain);
    }

    /** The error path of a map; what the SMMU has cached of it meanwhile is the caller's to invalidate. */
    private Call<?> unmapAgain(long from, long length) {
        return LpaeFormat.MAPPING.unmap(world(), table(), from, length, storePs(), null);
    }

    private Call<?> unmapPages() {
        return LpaeFormat.MAPPING.unmap(world(), table(), iova, bytes, storePs(), null);
    }

    private void unmapCommands() {
        long pages = bytes >>> PageTable.PAGE_SHIFT;
        if (pages > CommandList.MOST_TLBI) {
            answer(Cmd.tlbi0(Cmd.TLBI_NH_ASID, 0, stream.asid.get()), 0);
            return;
        }
        long[] words = new long[(int) (Cmd.WORDS * pages)];
        for (int i = 0; i < pages; i++) {
            words[2 * i] = Cmd.tlbi0(Cmd.TLBI_NH_VA, 0, stream.asid.get());
            words[2 * i + 1] = Cmd.tlbi1(iova + ((long) i << PageTable.PAGE_SHIFT), true);
        }
        answer(words);
    }

    private void answer(long... words) {
        if (commands != null) {
            commands.set(UserData.ofWords(CacheInvalidate.DATA_TYPE, words));
        }
    }

    private long storePs() {
        return smmu().host().simulation().costs().ps(HostCost.TABLE_STORE);
    }
}
