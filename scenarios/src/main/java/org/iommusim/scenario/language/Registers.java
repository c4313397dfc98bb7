package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.List;

/** Reads the register writes of an IOMMU. */
public final class Registers {
    /** Each of the three numbers of a write. */
    public static final Member NUMBER = Member.of("number", ValueKind.NUMBER, "Offset, bytes, or value.");

    private static final long BYTES_MAX = 1L << 32;

    private Registers() {}

    static List<Topology.RegisterWrite> load(Fields iommu) {
        List<Topology.RegisterWrite> writes = new ArrayList<>();
        if (!iommu.has("registers")) {
            return writes;
        }
        for (Place write : iommu.at("registers").elements()) {
            List<Place> numbers = write.elements();
            if (numbers.size() != 3) {
                throw write.wrong("found " + numbers.size() + " numbers", "expected [offset, bytes, value]");
            }
            long offset = Numbers.read(numbers.get(0), NUMBER);
            long bytes = Numbers.read(numbers.get(1), NUMBER);
            if (bytes != 4 && bytes != 8) {
                throw numbers.get(1).wrong("expected 4 or 8 bytes");
            }
            if (offset < 0 || offset >= BYTES_MAX || offset % bytes != 0) {
                throw numbers.get(0).wrong("expected an offset below 4GiB, a multiple of " + bytes);
            }
            writes.add(new Topology.RegisterWrite(offset, (int) bytes, Numbers.read(numbers.get(2), NUMBER)));
        }
        return writes;
    }
}
