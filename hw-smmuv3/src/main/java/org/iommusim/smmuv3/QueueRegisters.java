package org.iommusim.smmuv3;

import org.iommusim.hw.queue.RingIndex;
import org.iommusim.smmuv3.spec.Reg;

/**
 * One queue as its registers describe it: BASE, PROD and CONS (Arm IHI 0070, SMMU circular queues).
 *
 * <p>It keeps nothing: software may write any of the three between two looks. A queue has at most as many entries as IDR1
 * says, and lies at a multiple of its size. Who watches a register is woken when PROD or CONS moves.
 */
final class QueueRegisters {
    private final RegisterFile registers;
    private final int base;
    private final int producer;
    private final int consumer;
    private final int maxLog2Size;
    private final int entryShift;

    /**
     * Describes a queue.
     *
     * @param base offset of BASE; {@code producer} and {@code consumer} are those of PROD and CONS
     * @param maxLog2Size most entries that IDR1 allows, as a power of two
     * @param entryShift bytes of an entry, as a power of two
     */
    QueueRegisters(RegisterFile registers, int base, int producer, int consumer, int maxLog2Size, int entryShift) {
        this.registers = registers;
        this.base = base;
        this.producer = producer;
        this.consumer = consumer;
        this.maxLog2Size = maxLog2Size;
        this.entryShift = entryShift;
    }

    int producer() {
        return registers.get(producer);
    }

    int consumer() {
        return registers.get(consumer);
    }

    boolean empty() {
        return RingIndex.empty(producer(), consumer(), log2Size());
    }

    boolean full() {
        return RingIndex.full(producer(), consumer(), log2Size());
    }

    /** Where the next entry is written. */
    long producerAddress() {
        return address(producer());
    }

    /** Where the last entry was written. */
    long lastAddress() {
        return address(producer() - 1);
    }

    /** Where the next entry is read. */
    long consumerAddress() {
        return address(consumer());
    }

    private int log2Size() {
        return Math.min(registers.get(base) & (int) Reg.Q_BASE_LOG2SIZE, maxLog2Size);
    }

    private long address(int index) {
        int log2Size = log2Size();
        long start = registers.get64(base) & Reg.Q_BASE_ADDR & -1L << log2Size + entryShift;
        return start + ((long) RingIndex.entry(index, log2Size) << entryShift);
    }

    /** An entry has been written: PROD moves, its overflow flag stays. */
    void produced() {
        int index = producer();
        registers.show(producer, index & Reg.Q_OVERFLOW | RingIndex.next(index, log2Size()));
    }

    /** A command has been carried out: CONS moves, its error code stays. */
    void consumed() {
        int index = consumer();
        registers.show(consumer, index & Reg.CMDQ_CONS_ERR | RingIndex.next(index, log2Size()));
    }

    /** True if software has not acknowledged an overflow. */
    boolean overflowing() {
        return ((producer() ^ consumer()) & Reg.Q_OVERFLOW) != 0;
    }

    /** Something could not be written: there is an overflow, unless one is not acknowledged yet. */
    void overflow() {
        if (!overflowing()) {
            registers.show(producer, producer() ^ Reg.Q_OVERFLOW);
        }
    }
}
