package org.iommusim.hw.spec;

/**
 * A field of a structure made of 64-bit words.
 *
 * @param name the architecture's name
 * @param word which word it lies in, from 0
 * @param hi its highest bit, 0 to 63
 * @param lo its lowest bit
 */
public record BitField(String name, int word, int hi, int lo) {
    /** Checks the bits. */
    public BitField {
        if (word < 0 || lo < 0 || hi < lo || hi > 63) {
            throw new IllegalArgumentException("field " + name + " cannot lie in bits " + hi + ":" + lo);
        }
    }

    /** A field of several bits. */
    public static BitField of(String name, int word, int hi, int lo) {
        return new BitField(name, word, hi, lo);
    }

    /** A field of one bit. */
    public static BitField bit(String name, int word, int bit) {
        return new BitField(name, word, bit, bit);
    }

    /** Width in bits. */
    public int width() {
        return hi - lo + 1;
    }

    /** The field's bits in place. */
    public long mask() {
        return -1L >>> 63 - (hi - lo) << lo;
    }

    /** The field's value in the word that holds it, shifted down. */
    public long get(long bits) {
        return bits >>> lo & -1L >>> 63 - (hi - lo);
    }

    /** The field's value as an int; for fields of up to 32 bits. */
    public int getInt(long bits) {
        return (int) get(bits);
    }

    /** True if a one-bit field is set, or a wider one is not zero. */
    public boolean isSet(long bits) {
        return (bits & mask()) != 0;
    }

    /** The field in place, everything else zero: how addresses, which are not shifted, are read. */
    public long inPlace(long bits) {
        return bits & mask();
    }

    /** The field's value in a whole structure, shifted down. */
    public long in(long[] words) {
        return get(words[word]);
    }

    /** The field's value in a whole structure as an int. */
    public int intIn(long[] words) {
        return (int) get(words[word]);
    }

    /** A word with this field replaced; bits of {@code value} that do not fit are dropped. */
    public long with(long bits, long value) {
        return bits & ~mask() | value << lo & mask();
    }

    /** Replaces this field in a structure. */
    public void put(long[] words, long value) {
        words[word] = with(words[word], value);
    }

    /** Replaces an address field, which is not shifted, in a structure. */
    public void putInPlace(long[] words, long address) {
        words[word] = words[word] & ~mask() | address & mask();
    }
}
