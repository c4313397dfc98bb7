package org.iommusim.iommufd.abi;

import java.util.Arrays;
import org.iommusim.sim.world.Identified;

/** The bytes of a structure, read by field name. Immutable. */
public final class StructImage implements Identified {
    private final StructLayout layout;
    private final byte[] bytes;

    /** Takes over {@code bytes}, which nobody may change any more. */
    StructImage(StructLayout layout, byte[] bytes) {
        this.layout = layout;
        this.bytes = bytes;
    }

    /** What the bytes mean. */
    public StructLayout layout() {
        return layout;
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The value of a field, extended by its type. */
    public long number(String field) {
        return number(field, 0);
    }

    /** The value of an element of an array. */
    public long number(String field, int index) {
        StructField found = layout.field(field);
        return found.type().read(bytes, found.offset(index));
    }

    /** A field of 32 bits or fewer. */
    public int u32(String field) {
        return (int) narrow(field);
    }

    /** A field of 32 bits or fewer, zero extended: an id, or a count that is compared. */
    public long unsigned(String field) {
        return narrow(field) & 0xffff_ffffL;
    }

    private long narrow(String field) {
        if (layout.field(field).type().bytes() > 4) {
            throw new IllegalArgumentException(layout + "." + field + " is wider than 32 bits");
        }
        return number(field);
    }

    /** A field of 64 bits. */
    public long u64(String field) {
        if (layout.field(field).type().bytes() != 8) {
            throw new IllegalArgumentException(layout + "." + field + " is not 64 bits wide");
        }
        return number(field);
    }

    /** The same bytes under another layout of the same size: one member of a union. */
    public StructImage as(StructLayout other) {
        if (other.size() != layout.size()) {
            throw new IllegalArgumentException(other + " has another size than " + layout);
        }
        return new StructImage(other, bytes);
    }

    /** Starts a changed copy. */
    public StructWriter writer() {
        return new StructWriter(layout, bytes.clone());
    }

    @Override
    public long stableId() {
        long id = 7;
        for (byte b : bytes) {
            id = id * 1_000_003 + b;
        }
        return id == 0 ? 1 : id;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StructImage image && image.layout == layout && Arrays.equals(image.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return layout + " " + layout.decode(bytes);
    }
}
