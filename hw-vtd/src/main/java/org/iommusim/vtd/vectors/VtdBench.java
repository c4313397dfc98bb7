package org.iommusim.vtd.vectors;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.jspecify.annotations.Nullable;

/** Software's side of one unit: its invalidation queue and its fault recording registers. */
final class VtdBench implements VectorBench {
    private final IommuDevice device;
    private final PhysicalMemory memory;
    private final Cap cap;

    VtdBench(IommuDevice device, PhysicalMemory memory) {
        this.device = device;
        this.memory = memory;
        cap = new Cap(device.mmioRead(Reg.CAP, 8), device.mmioRead(Reg.ECAP, 8));
    }

    private int register(int offset) {
        return (int) device.mmioRead(offset, 4);
    }

    @Override
    public void command(long[] words) {
        long iqa = device.mmioRead(Reg.IQA, 8);
        long tail = device.mmioRead(Reg.IQT, 8);
        long entry = (iqa & Reg.IQA_BASE) + tail;
        for (int i = 0; i < words.length; i++) {
            memory.write64(entry + 8L * i, words[i]);
        }
        device.mmioWrite(Reg.IQT, 8, (tail + (1L << Reg.iqShift(iqa))) % Reg.iqBytes(iqa));
    }

    @Override
    public boolean commandsTaken() {
        boolean stopped = (register(Reg.FSTS) & (Reg.FSTS_IQE | Reg.FSTS_ITE)) != 0;
        return !stopped && register(Reg.IQH) == register(Reg.IQT);
    }

    /** A wait that only fences tells nobody. */
    @Override
    public boolean completes(long[] command) {
        return Inv.type(command[0]) == Inv.WAIT && (command[0] & (Inv.SW.mask() | Inv.IF.mask())) != 0;
    }

    @Override
    public long state(String name) {
        return switch (name) {
            case VtdVectors.FSTS -> register(Reg.FSTS) & 0xffff_ffffL;
            case VtdVectors.IQH -> device.mmioRead(Reg.IQH, 8);
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Override
    public List<long[]> newRecords() {
        List<long[]> records = new ArrayList<>();
        int first = register(Reg.FSTS) >>> Reg.FSTS_FRI_SHIFT & 0xff;
        for (int i = 0; i < cap.faultRecords(); i++) {
            int offset = record((first + i) % cap.faultRecords());
            long[] record = {device.mmioRead(offset, 8), device.mmioRead(offset + 8, 8)};
            if (Frcd.F.isSet(record[1])) {
                records.add(record);
            }
        }
        return records;
    }

    private int record(int index) {
        return cap.faultRecordOffset() + index * Frcd.BYTES;
    }

    @Override
    public void consumeRecords() {
        for (int i = 0; i < cap.faultRecords(); i++) {
            device.mmioWrite(record(i) + 12, 4, 1L << 31);
        }
        device.mmioWrite(Reg.FSTS, 4, register(Reg.FSTS));
    }

    @Override
    public long claim(String name, long[] record) {
        if (name.equals(VtdVectors.REASON)) {
            return FaultFormat.reason(record);
        }
        throw new IllegalArgumentException(name);
    }

    @Override
    public long claimBits(String name, long[] record) {
        return -1;
    }

    @Override
    public CachedResult remember(int sid, int pasid, long iova, boolean ok, long @Nullable [] record) {
        return new CachedAccess(new TableReader(device, memory, cap), sid, pasid, iova, ok, record);
    }

    @Override
    public CachedResult rememberMessage(int sid, long address, int data, boolean ok, long @Nullable [] record) {
        return new CachedInterrupt(new TableReader(device, memory, cap), address, data);
    }
}
