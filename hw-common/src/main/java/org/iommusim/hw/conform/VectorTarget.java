package org.iommusim.hw.conform;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.PhysicalMemory;

/** A kind of IOMMU of which there are recorded vectors. Registered for {@link ServiceLoader}. */
public interface VectorTarget {
    /** The word that vectors use, the same as the provider's kind. */
    String kind();

    /** Names of the identification registers that every vector must give. */
    List<String> identification();

    /** Where the recorded machine had memory; everywhere else an access ends on the bus. */
    List<MemoryRange> memory();

    /** How many 64-bit words a command may have. */
    List<Integer> commandWords();

    /** What a vector may expect of the device's state after a step, e.g. {@code cons}. */
    List<String> states();

    /** Those of the {@link #states()} that a DMA's expectation gives only if the DMA changed them. */
    List<String> statesGivenIfChanged();

    /** A command in one line for humans. */
    String commandText(long[] command);

    /** What a vector's check model may say about a fault record, e.g. {@code s2}; see {@link VectorBench#claim}. */
    List<String> claims();

    /** Which bits of a whole fault record that a vector's check model expects are a claim. */
    default long[] claimedBits(long[] record) {
        return records().definedBits(record);
    }

    /** How fault records are read. */
    FaultRecordFormat records();

    /**
     * Sits down beside a device.
     *
     * @param device made from identification registers, not programmed yet
     * @param memory what software and device share
     */
    VectorBench bench(IommuDevice device, PhysicalMemory memory);

    /** The target of a kind, if there is one. */
    static Optional<VectorTarget> find(String kind) {
        return ServiceLoader.load(VectorTarget.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(target -> target.kind().equals(kind))
                .findFirst();
    }
}
