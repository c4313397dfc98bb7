package org.iommusim.smmuv3.vectors;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.jspecify.annotations.Nullable;

/** Software's side of one SMMU: its command and event queues. */
final class Smmuv3Bench implements VectorBench {
    private final IommuDevice device;
    private final PhysicalMemory memory;
    private long eventsSeen;

    Smmuv3Bench(IommuDevice device, PhysicalMemory memory) {
        this.device = device;
        this.memory = memory;
    }

    private long register(int offset) {
        return device.mmioRead(offset, 4) & 0xffff_ffffL;
    }

    @Override
    public void command(long[] words) {
        long base = device.mmioRead(Reg.CMDQ_BASE, 8);
        long prod = register(Reg.CMDQ_PROD);
        long entry = (base & Reg.Q_BASE_ADDR) + ((prod & entries(base) - 1) << Cmd.SHIFT);
        for (int i = 0; i < words.length; i++) {
            memory.write64(entry + 8L * i, words[i]);
        }
        device.mmioWrite(Reg.CMDQ_PROD, 4, next(prod, base));
    }

    private static long entries(long base) {
        return 1L << (base & Reg.Q_BASE_LOG2SIZE);
    }

    /** The next index of a queue, wrap bit included. */
    private static long next(long index, long base) {
        return index + 1 & 2 * entries(base) - 1;
    }

    @Override
    public boolean commandsTaken() {
        boolean stopped = ((register(Reg.GERROR) ^ register(Reg.GERRORN)) & Reg.GERROR_CMDQ_ERR) != 0;
        return !stopped && (register(Reg.CMDQ_CONS) & Reg.Q_INDEX) == (register(Reg.CMDQ_PROD) & Reg.Q_INDEX);
    }

    @Override
    public boolean completes(long[] command) {
        return Cmd.opcode(command[0]) == Cmd.SYNC;
    }

    @Override
    public long state(String name) {
        return switch (name) {
            case Smmuv3Vectors.CONS -> register(Reg.CMDQ_CONS);
            case Smmuv3Vectors.GERROR -> register(Reg.GERROR);
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Override
    public List<long[]> newRecords() {
        long base = device.mmioRead(Reg.EVENTQ_BASE, 8);
        long mask = 2 * entries(base) - 1;
        long prod = register(Reg.EVENTQ_PROD) & mask;
        List<long[]> records = new ArrayList<>();
        for (long index = eventsSeen & mask; index != prod; index = next(index, base)) {
            long entry = (base & Reg.Q_BASE_ADDR) + ((index & entries(base) - 1) << Event.SHIFT);
            long[] record = new long[Event.WORDS];
            for (int i = 0; i < record.length; i++) {
                record[i] = memory.read64(entry + 8L * i);
            }
            records.add(record);
        }
        eventsSeen = prod;
        return records;
    }

    @Override
    public void consumeRecords() {
        device.mmioWrite(Reg.EVENTQ_CONS, 4, register(Reg.EVENTQ_PROD));
    }

    @Override
    public long claim(String name, long[] record) {
        return switch (name) {
            case Smmuv3Vectors.S2 -> Event.S2.in(record);
            case Smmuv3Vectors.CLASS -> Event.CLASS.in(record);
            case Smmuv3Vectors.ADDRESS -> record[3];
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Override
    public long claimBits(String name, long[] record) {
        return name.equals(Smmuv3Vectors.ADDRESS) ? EventFormat.addressBits(record) : -1L;
    }

    @Override
    public CachedResult remember(int sid, int pasid, long iova, boolean ok, long @Nullable [] record) {
        return new CachedTranslation(new TableReader(device, memory), sid, pasid, iova, ok, record);
    }
}
