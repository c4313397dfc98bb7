package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.ConfigurationTrap;
import org.iommusim.hw.driver.GuestEntry;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.TrappingGuest;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/**
 * The guest kernel's driver of its virtual SMMUv3: for each virtual StreamID a stage-1 table with 4 KiB granule, one
 * context descriptor, and an entry of which two words matter; all in guest memory, with guest physical addresses.
 *
 * <p>The entries of different streams lie in pages of their own, each behind its context descriptor, and not in one table:
 * a VMM finds them through {@link #hwptData}. If the stream table has two levels, a level-1 table leads to one entry. Tables
 * are freed by {@link #freeTables} and {@link #freeReplaced} only, so that invalidations never concern more than leaves.
 */
final class Smmuv3Guest implements TrappingGuest {
    private final ArmSmmu smmu;
    private final GuestMemory memory;
    private final GuestKernel kernel;
    private final String name;
    private final RefCell<GuestStream> streams;

    Smmuv3Guest(ArmSmmu smmu, GuestMemory memory, String name) {
        this.smmu = smmu;
        this.memory = memory;
        this.name = name;
        kernel = new GuestKernel(smmu, TableMemory.guest(memory));
        streams = new RefCell<>(smmu.world(), Touches.GUEST, smmu.world().nextInstance());
    }

    @Override
    public Call<?> attach(long virtualId) {
        return call(GuestOp.ATTACH, virtualId, null, 0, 0, 0, 0);
    }

    @Override
    public Call<?> attachThroughDirectory(long virtualId) {
        return new Call<>(GuestOp.ATTACH, new GuestOp(kernel, stream(virtualId), true, null, 0, 0, 0, 0));
    }

    @Override
    public Call<?> replace(long virtualId, RefCell<UserData> commands) {
        return call(GuestOp.REPLACE, virtualId, commands, 0, 0, 0, 0);
    }

    @Override
    public Call<?> freeReplaced(long virtualId) {
        return call(GuestOp.FREE_REPLACED, virtualId, null, 0, 0, 0, 0);
    }

    @Override
    public void trapTo(ConfigurationTrap trap) {
        kernel.trapTo(trap);
    }

    @Override
    public GuestEntry entry(long virtualId) {
        GuestStream stream = GuestStream.find(streams.get(), virtualId);
        if (stream == null || stream.page.get() == 0) {
            return GuestEntry.UNREACHABLE;
        }
        long directory = stream.directory.get();
        if (directory != 0 && memory.read64(directory) == 0) {
            return GuestEntry.UNREACHABLE;
        }
        long word = memory.read64(stream.ste());
        if (!Ste.V.isSet(word)) {
            return GuestEntry.INVALID;
        }
        return switch (Ste.CONFIG.getInt(word)) {
            case Ste.BYPASS -> GuestEntry.BYPASSES;
            case Ste.S1 -> GuestEntry.TRANSLATES;
            default -> GuestEntry.ABORTS;
        };
    }

    @Override
    public Call<?> detach(long virtualId, RefCell<UserData> commands) {
        return call(GuestOp.DETACH, virtualId, commands, 0, 0, 0, 0);
    }

    @Override
    public Call<?> freeTables(long virtualId) {
        return call(GuestOp.FREE, virtualId, null, 0, 0, 0, 0);
    }

    @Override
    public Call<?> map(long virtualId, long iova, long guestPhysical, long bytes, int protection) {
        return call(GuestOp.MAP, virtualId, null, iova, guestPhysical, bytes, protection);
    }

    @Override
    public Call<?> unmap(long virtualId, long iova, long bytes, RefCell<UserData> commands) {
        return call(GuestOp.UNMAP, virtualId, commands, iova, 0, bytes, 0);
    }

    private Call<?> call(
            Program<GuestOp> program,
            long virtualId,
            @Nullable RefCell<UserData> commands,
            long iova,
            long guestPhysical,
            long bytes,
            int protection) {
        return new Call<>(
                program,
                new GuestOp(kernel, stream(virtualId), false, commands, iova, guestPhysical, bytes, protection));
    }

    @Override
    public UserData hwptData(long virtualId) {
        GuestStream stream = GuestStream.find(streams.get(), virtualId);
        if (stream == null || stream.page.get() == 0) {
            return UserData.ofWords(Smmuv3Viommu.HWPT_DATA_TYPE, Ste.abort()[0], 0);
        }
        return UserData.ofWords(
                Smmuv3Viommu.HWPT_DATA_TYPE, memory.read64(stream.ste()), memory.read64(stream.ste() + 8));
    }

    @Override
    public int viommuType() {
        return Smmuv3Viommu.TYPE;
    }

    @Override
    public int invalidationEntryLength() {
        return Cmd.BYTES;
    }

    @Override
    public String toString() {
        return name;
    }

    /** The stream of a virtual id; it is made on first use. */
    private GuestStream stream(long virtualId) {
        GuestStream known = GuestStream.find(streams.get(), virtualId);
        if (known != null) {
            return known;
        }
        GuestStream made = new GuestStream(smmu.world(), virtualId, streams.get());
        streams.set(made);
        return made;
    }
}
