package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.smmuv3.spec.Cmd;

/**
 * {@code arm_vsmmu_cache_invalidate}: converts a guest's commands (its own VMID to the host's, virtual to physical
 * StreamIDs, everything else refused) and issues them in blocks of up to 63, each with a CMD_SYNC.
 *
 * <p>How many entries are done: after an error of a conversion those of the blocks that were issued before would be right,
 * but the kernel answers the index of the entry that failed, although its block was not issued; after an error of an issue
 * all but the last entry of that block count as done. Both are kept.
 */
final class CacheInvalidate extends Frame {
    /** IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3. */
    static final int DATA_TYPE = 1;
    /** CMDQ_BATCH_ENTRIES - 1. */
    static final int BLOCK = 63;

    static final Program<CacheInvalidate> PROGRAM = program();

    private final Smmuv3Viommu viommu;
    private final UserDataArray array;
    private final IntCell done;
    /** The commands, converted up to {@link #cur}. */
    private final LongArrayCell words;

    private final IntCell cur = count();
    /** First entry that is not issued yet. */
    private final IntCell last = count();
    /** Answer of the last conversion or issue. */
    private final IntCell error = count();

    private final LongCell sid = num();

    private CacheInvalidate(Smmuv3Viommu viommu, UserDataArray array, IntCell done) {
        super(viommu.smmu().world());
        this.viommu = viommu;
        this.array = array;
        this.done = done;
        words = new LongArrayCell(world(), FRAME, world().nextInstance(), Cmd.WORDS * Math.max(1, entries()));
    }

    static Call<CacheInvalidate> call(Smmuv3Viommu viommu, UserDataArray array, IntCell done) {
        return new Call<>(PROGRAM, new CacheInvalidate(viommu, array, done));
    }

    private static Program<CacheInvalidate> program() {
        Footprint vdevs = Footprint.of(Touches.IOMMUFD, Touches.MASTER);
        return Program.<CacheInvalidate>named("arm_vsmmu_cache_invalidate")
                .step("nothing done", HostCost.FREE, Footprint.LOCAL, f -> f.done.set(0))
                .attempt(
                        "iommu_copy_struct_from_full_user_array",
                        HostCost.USER_COPY,
                        UserMemory.ACCESS,
                        CacheInvalidate::copy)
                .guarded(
                        "block by block",
                        body -> body.loop(
                                "entries left",
                                f -> f.cur.get() < f.entries(),
                                p -> p.when(
                                                "names a StreamID",
                                                CacheInvalidate::hasSid,
                                                q -> q.lock(
                                                                "xa_lock viommu->vdevs",
                                                                f -> f.viommu
                                                                        .core()
                                                                        .vdevsLock())
                                                        .step(
                                                                "arm_vsmmu_vsid_to_sid",
                                                                HostCost.ATOMIC,
                                                                vdevs,
                                                                CacheInvalidate::findSid)
                                                        .undoNow("xa_lock viommu->vdevs"))
                                        .attempt(
                                                "arm_vsmmu_convert_user_cmd",
                                                HostCost.LOCAL,
                                                Footprint.LOCAL,
                                                CacheInvalidate::convert)
                                        .when(
                                                "block full or end",
                                                CacheInvalidate::blockEnds,
                                                q -> q.invoke("issue block, CMD_SYNC", CacheInvalidate::issue)
                                                        .step(
                                                                "block done",
                                                                HostCost.FREE,
                                                                Footprint.LOCAL,
                                                                CacheInvalidate::blockDone))),
                        // A failed issue leaves cur behind its block; the kernel steps one back.
                        ladder -> ladder.step(
                                "entry_num",
                                HostCost.FREE,
                                Footprint.LOCAL,
                                f -> f.done.set(f.error.get() != 0 ? f.cur.get() : f.cur.get() - 1)))
                .step("entry_num of all", HostCost.FREE, Footprint.LOCAL, f -> f.done.set(f.cur.get()))
                .build();
    }

    private int entries() {
        return array.entryNum();
    }

    /** Entries may be longer than a command if the rest is zero. */
    private int copy() {
        byte[] commands = new byte[Cmd.BYTES * entries()];
        int errno = array.copyAll(commands, DATA_TYPE, Cmd.BYTES);
        for (int i = 0; i < commands.length / 8 && errno == 0; i++) {
            words.set(i, UserData.word(commands, 8 * i));
        }
        return errno;
    }

    private boolean hasSid() {
        return switch (Cmd.opcode(words.get(2 * cur.get()))) {
            case Cmd.ATC_INV, Cmd.CFGI_CD, Cmd.CFGI_CD_ALL -> true;
            default -> false;
        };
    }

    private void findSid() {
        long virtualSid = Cmd.SID.get(words.get(2 * cur.get()));
        IommuMaster master = viommu.core().findDevice(virtualSid);
        sid.set(master instanceof Smmuv3Master ours ? ours.sid() : -1);
    }

    private int convert() {
        int at = 2 * cur.get();
        long w0 = words.get(at);
        switch (Cmd.opcode(w0)) {
            case Cmd.TLBI_NSNH_ALL -> {
                // "All" of the guest is all of its VMID.
                words.set(at, Cmd.tlbi0(Cmd.TLBI_NH_ALL, viommu.vmid(), 0));
                words.set(at + 1, 0);
            }
            case Cmd.TLBI_NH_ALL, Cmd.TLBI_NH_ASID, Cmd.TLBI_NH_VA, Cmd.TLBI_NH_VAA ->
                words.set(at, Cmd.VMID.with(w0, viommu.vmid()));
            case Cmd.ATC_INV, Cmd.CFGI_CD, Cmd.CFGI_CD_ALL -> {
                if (sid.get() < 0) {
                    return refuse();
                }
                words.set(at, Cmd.SID.with(w0, sid.get()));
            }
            default -> {
                return refuse();
            }
        }
        cur.add(1);
        return 0;
    }

    private int refuse() {
        error.set(Errno.EIO);
        return Errno.EIO;
    }

    private boolean blockEnds() {
        return cur.get() == entries() || cur.get() - last.get() == BLOCK;
    }

    /** What user space should be told after an error. */
    int countIssued() {
        done.set(last.get());
        return 0;
    }

    private Call<?> issue() {
        viommu.core().issuing();
        return viommu.smmu().cmdq().issue(block(), true);
    }

    private void blockDone() {
        last.set(cur.get());
        viommu.core().carriedOut(cur.get());
    }

    private CommandList block() {
        CommandList list = new CommandList();
        for (int i = last.get(); i < cur.get(); i++) {
            list.add(words.get(2 * i), words.get(2 * i + 1));
        }
        return list;
    }
}
