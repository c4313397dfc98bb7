package org.iommusim.scenario.conform;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One step of a hardware case. */
sealed interface VectorStep {
    /** What it does, in one word. */
    String verb();

    /**
     * A device accesses memory.
     *
     * @param sid requester id
     * @param pasid PASID, or {@link org.iommusim.hw.dma.DmaRequest#NO_PASID}
     * @param iova first byte
     * @param write direction
     * @param bytes length
     * @param consume whether software reads and consumes the fault records after it, if it fails
     * @param expect what was recorded
     * @param cold what was recorded without earlier accesses, where that differs
     * @param claim what the check model of the architecture says, where it disagrees
     */
    record Dma(
            int sid,
            int pasid,
            long iova,
            boolean write,
            int bytes,
            boolean consume,
            DmaExpectation expect,
            @Nullable DmaExpectation cold,
            @Nullable ArchClaim claim)
            implements VectorStep {
        @Override
        public String verb() {
            return "dma";
        }

        /** True if both are the same access. */
        boolean sameAccess(Dma other) {
            return sid == other.sid
                    && pasid == other.pasid
                    && iova == other.iova
                    && write == other.write
                    && bytes == other.bytes;
        }
    }

    /**
     * Software changes words of memory.
     *
     * @param words in their order
     */
    record Memory(List<MemoryWord> words) implements VectorStep {
        @Override
        public String verb() {
            return "mem";
        }
    }

    /**
     * Software issues a command.
     *
     * @param words the entry of the command queue
     * @param states expected state afterwards, by name
     */
    record Command(long[] words, Map<String, Long> states) implements VectorStep {
        @Override
        public String verb() {
            return "cmd";
        }
    }

    /**
     * Software writes a register.
     *
     * @param register which, and what
     * @param states expected state afterwards, by name
     */
    record Write(RegisterWrite register, Map<String, Long> states) implements VectorStep {
        @Override
        public String verb() {
            return "reg";
        }
    }

    /**
     * Software reads a register.
     *
     * @param offset inside the register block
     * @param bytes 4 or 8
     * @param value expected value
     * @param states expected state afterwards, by name
     */
    record Read(long offset, int bytes, long value, Map<String, Long> states) implements VectorStep {
        @Override
        public String verb() {
            return "rdreg";
        }
    }

    /**
     * Software reads a word of memory.
     *
     * @param address multiple of 8
     * @param value expected value
     */
    record ReadMemory(long address, long value) implements VectorStep {
        @Override
        public String verb() {
            return "rdmem";
        }
    }
}
