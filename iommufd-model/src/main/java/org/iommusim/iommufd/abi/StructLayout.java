package org.iommusim.iommufd.abi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A structure of the uAPI: where its fields are. Fields may overlap: members of a union. */
public final class StructLayout {
    private final String name;
    private final int size;
    private final int minSize;
    private final List<StructField> fields;

    private StructLayout(String name, int size, int minSize, List<StructField> fields) {
        this.name = name;
        this.size = size;
        this.minSize = minSize;
        this.fields = List.copyOf(fields);
        for (StructField field : this.fields) {
            if (field.end() > size) {
                throw new IllegalArgumentException(name + "." + field.name() + " ends behind the structure");
            }
        }
    }

    /**
     * Makes a layout.
     *
     * @param name the structure's tag
     * @param size {@code sizeof}, bytes
     * @param minSize what an ioctl accepts at least, bytes: the end of the last field of the first kernel that had it
     * @param fields {@code name:type:offset}, separated by blanks
     */
    static StructLayout of(String name, int size, int minSize, String fields) {
        return new StructLayout(name, size, minSize, parse(fields));
    }

    private static List<StructField> parse(String fields) {
        return fields.isEmpty()
                ? List.of()
                : Arrays.stream(fields.split(" ")).map(StructField::parse).toList();
    }

    /** A structure that is no argument of an ioctl: all of it counts. */
    static StructLayout of(String name, int size, String fields) {
        return of(name, size, size, fields);
    }

    /** This layout with more fields: the members of a union that one use of it has. */
    StructLayout with(String variant, String more) {
        List<StructField> all = new ArrayList<>(fields);
        all.addAll(parse(more));
        return new StructLayout(name + "." + variant, size, minSize, all);
    }

    /** The structure's tag, e.g. {@code iommu_ioas_map}. */
    public String name() {
        return name;
    }

    /** {@code sizeof}, bytes. */
    public int size() {
        return size;
    }

    /** Smallest size that an ioctl accepts, bytes. */
    public int minSize() {
        return minSize;
    }

    /** The fields in the order of the header. */
    public List<StructField> fields() {
        return fields;
    }

    /** True if it has a field of this name. */
    public boolean has(String field) {
        return fields.stream().anyMatch(f -> f.name().equals(field));
    }

    /**
     * The field of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public StructField field(String field) {
        for (StructField candidate : fields) {
            if (candidate.name().equals(field)) {
                return candidate;
            }
        }
        throw new IllegalArgumentException(name + " has no field " + field);
    }

    /** Starts a structure of zeroes. */
    public StructWriter writer() {
        return new StructWriter(this, new byte[size]);
    }

    /**
     * The bytes of a structure; what is not named is 0.
     *
     * @param values by field; an element of an array is called {@code name[index]}
     */
    public StructImage encode(Map<String, Long> values) {
        StructWriter writer = writer();
        values.forEach((field, value) -> {
            int bracket = field.indexOf('[');
            if (bracket < 0) {
                writer.set(field, value);
            } else {
                int index = Integer.parseInt(field.substring(bracket + 1, field.length() - 1));
                writer.set(field.substring(0, bracket), index, value);
            }
        });
        return writer.image();
    }

    /** The bytes as this structure; those that are missing are 0, those behind it are ignored. */
    public StructImage image(byte[] bytes) {
        return new StructImage(this, Arrays.copyOf(bytes, size));
    }

    /** The values of all fields in bytes of this structure, named as {@link #encode} wants them. */
    public SortedMap<String, Long> decode(byte[] bytes) {
        StructImage image = image(bytes);
        SortedMap<String, Long> values = new TreeMap<>();
        for (StructField field : fields) {
            for (int i = 0; i < field.count(); i++) {
                String key = field.count() == 1 ? field.name() : field.name() + "[" + i + "]";
                values.put(key, image.number(field.name(), i));
            }
        }
        return values;
    }

    @Override
    public String toString() {
        return "struct " + name;
    }
}
