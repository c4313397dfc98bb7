package org.iommusim.amdvi.vectors;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.format.DteConfig;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/** Software's side of one unit: its command buffer and its event log. */
final class AmdViBench implements VectorBench {
    private final IommuDevice device;
    private final PhysicalMemory memory;

    AmdViBench(IommuDevice device, PhysicalMemory memory) {
        this.device = device;
        this.memory = memory;
    }

    private long register(int offset) {
        return device.mmioRead(offset, 8);
    }

    /** Recorded units have rings that are shorter than the architecture allows. */
    private static long ringBytes(long base, int shift) {
        return 1L << Reg.LEN.getInt(base) + shift;
    }

    @Override
    public void command(long[] words) {
        long base = register(Reg.CMD_BUF_BASE);
        long tail = register(Reg.CMD_TAIL);
        for (int i = 0; i < words.length; i++) {
            memory.write64(Reg.BASE.inPlace(base) + tail + 8L * i, words[i]);
        }
        device.mmioWrite(Reg.CMD_TAIL, 8, (tail + Cmd.BYTES) % ringBytes(base, Cmd.SHIFT));
    }

    @Override
    public boolean commandsTaken() {
        boolean runs = (register(Reg.STATUS) & Status.CMD_BUF_RUN) != 0;
        return runs && register(Reg.CMD_HEAD) == register(Reg.CMD_TAIL);
    }

    /** A wait that only fences tells nobody. */
    @Override
    public boolean completes(long[] command) {
        return Cmd.opcode(command[0]) == Cmd.COMPLETION_WAIT
                && (command[0] & (Cmd.S_STORE.mask() | Cmd.I_INTERRUPT.mask())) != 0;
    }

    @Override
    public long state(String name) {
        return switch (name) {
            case AmdViVectors.HEAD -> register(Reg.CMD_HEAD);
            case AmdViVectors.STATUS -> register(Reg.STATUS);
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Override
    public List<long[]> newRecords() {
        long base = register(Reg.EVT_LOG_BASE);
        long bytes = ringBytes(base, Event.SHIFT);
        long head = register(Reg.EVT_HEAD);
        long unread = register(Reg.EVT_TAIL) - head & bytes - 1;
        List<long[]> records = new ArrayList<>();
        for (long at = 0; at < unread; at += Event.BYTES) {
            long address = Reg.BASE.inPlace(base) + (head + at) % bytes;
            records.add(new long[] {memory.read64(address), memory.read64(address + 8)});
        }
        return records;
    }

    @Override
    public int unreadRecords() {
        return newRecords().size();
    }

    @Override
    public boolean silences(int sid) {
        DteConfig config = new TableReader(device, memory).config(sid);
        return config != null && (config.suppressAll || config.suppressRepeated);
    }

    @Override
    public void consumeRecords() {
        device.mmioWrite(Reg.EVT_HEAD, 8, register(Reg.EVT_TAIL));
    }

    @Override
    public long claim(String name, long[] record) {
        throw new IllegalArgumentException(name);
    }

    @Override
    public long claimBits(String name, long[] record) {
        throw new IllegalArgumentException(name);
    }

    @Override
    public CachedResult remember(int sid, int pasid, long iova, boolean ok, long @Nullable [] record) {
        return new CachedAccess(new TableReader(device, memory), sid, pasid, iova, ok, record);
    }
}
