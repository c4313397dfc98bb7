package org.iommusim.iommufd.abi;

/** Writes fields of a structure. */
public final class StructWriter {
    private final StructLayout layout;
    private final byte[] bytes;

    /** Takes over {@code bytes}. */
    StructWriter(StructLayout layout, byte[] bytes) {
        this.layout = layout;
        this.bytes = bytes;
    }

    /** Writes a field; a value that is too wide is cut, as an assignment in C does. */
    public StructWriter set(String field, long value) {
        return set(field, 0, value);
    }

    /** Writes an element of an array. */
    public StructWriter set(String field, int index, long value) {
        StructField found = layout.field(field);
        found.type().write(bytes, found.offset(index), value);
        return this;
    }

    /** What was written, over the bytes that it began with. */
    public StructImage image() {
        return new StructImage(layout, bytes.clone());
    }
}
