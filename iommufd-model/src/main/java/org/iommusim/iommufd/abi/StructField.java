package org.iommusim.iommufd.abi;

/**
 * A field of a structure.
 *
 * @param name as the kernel spells it
 * @param type of each element
 * @param count how many elements; 1 for a plain field
 * @param offset of the first, bytes
 */
public record StructField(String name, FieldType type, int count, int offset) {
    /** Reads {@code name:type:offset} or {@code name:type[count]:offset}. */
    static StructField parse(String text) {
        String[] part = text.split(":", -1);
        int bracket = part[1].indexOf('[');
        int count = bracket < 0 ? 1 : Integer.parseInt(part[1].substring(bracket + 1, part[1].length() - 1));
        String type = bracket < 0 ? part[1] : part[1].substring(0, bracket);
        return new StructField(part[0], type(type), count, Integer.parseInt(part[2]));
    }

    private static FieldType type(String word) {
        for (FieldType type : FieldType.values()) {
            if (type.word().equals(word)) {
                return type;
            }
        }
        throw new IllegalArgumentException("no field type is called " + word);
    }

    /** First offset behind it. */
    public int end() {
        return offset + count * type.bytes();
    }

    /** Offset of an element. */
    int offset(int index) {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException(name + " has no element " + index);
        }
        return offset + index * type.bytes();
    }
}
