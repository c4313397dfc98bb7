package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Reg;

/**
 * One ring as its registers describe it: base, head and tail. It keeps nothing: software may write any of
 * the three between two looks. It is empty when head and tail are equal, and full with one entry unused.
 */
final class Ring {
    private final RegisterFile registers;
    private final int base;
    private final int head;
    private final int tail;
    private final int entryBytes;

    /**
     * Describes a ring.
     *
     * @param base offset of its base register; {@code head} and {@code tail} are those of the pointers
     */
    Ring(RegisterFile registers, int base, int head, int tail, int entryBytes) {
        this.registers = registers;
        this.base = base;
        this.head = head;
        this.tail = tail;
        this.entryBytes = entryBytes;
    }

    /** Mask of the offsets that lie in a ring, by its base register; lengths below the least count as what they say. */
    static long offsets(long base, int entryBytes) {
        return ((long) entryBytes << Reg.LEN.getInt(base)) - 1;
    }

    private long next(int pointer) {
        return registers.get(pointer) + entryBytes & offsets(registers.get(base), entryBytes);
    }

    private long address(int pointer) {
        return Reg.BASE.inPlace(registers.get(base)) + registers.get(pointer);
    }

    boolean empty() {
        return registers.get(head) == registers.get(tail);
    }

    boolean full() {
        return next(tail) == registers.get(head);
    }

    /** Where the next entry is read. */
    long headAddress() {
        return address(head);
    }

    /** Where the next entry is written. */
    long tailAddress() {
        return address(tail);
    }

    /** An entry has been read. */
    void consumed() {
        registers.show(head, next(head));
    }

    /** An entry has been written. */
    void produced() {
        registers.show(tail, next(tail));
    }
}
