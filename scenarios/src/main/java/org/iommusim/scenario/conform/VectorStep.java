package org.iommusim.scenario.conform;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One step of a hardware case. */
sealed interface VectorStep {
    /** What it does, in one word. */
    String verb();

    /** What a device sends, with what became of it. */
    sealed interface Access extends VectorStep {
        /** Requester id. */
        int sid();

        /** Whether software reads and consumes the fault records after it, if it fails. */
        boolean consume();

        /** What was recorded. */
        AccessExpectation expect();

        /** What was recorded without earlier accesses, where that differs. */
        @Nullable
        AccessExpectation cold();

        /** What the check model of the architecture says, where it disagrees. */
        @Nullable
        ArchClaim claim();

        /** True if both ask for the same. */
        boolean sameAccess(Access other);

        /** What it asks for, in a few words. */
        String text();
    }

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
            AccessExpectation expect,
            @Nullable AccessExpectation cold,
            @Nullable ArchClaim claim)
            implements Access {
        @Override
        public String verb() {
            return "dma";
        }

        @Override
        public boolean sameAccess(Access other) {
            return other instanceof Dma dma
                    && sid == dma.sid
                    && pasid == dma.pasid
                    && iova == dma.iova
                    && write == dma.write
                    && bytes == dma.bytes;
        }

        @Override
        public String text() {
            return (write ? "write " : "read ") + Judge.hex(iova) + " sid=" + Judge.hex(sid);
        }
    }

    /**
     * A device sends an interrupt message.
     *
     * @param sid requester id
     * @param address as the device's registers hold it
     * @param data the same
     * @param consume whether software reads and consumes the fault records after it, if it fails
     * @param expect what was recorded
     * @param cold what was recorded without earlier accesses, where that differs
     * @param claim what the check model of the architecture says, where it disagrees
     */
    record Msi(
            int sid,
            long address,
            int data,
            boolean consume,
            AccessExpectation expect,
            @Nullable AccessExpectation cold,
            @Nullable ArchClaim claim)
            implements Access {
        @Override
        public String verb() {
            return "msi";
        }

        @Override
        public boolean sameAccess(Access other) {
            return other instanceof Msi msi && sid == msi.sid && address == msi.address && data == msi.data;
        }

        @Override
        public String text() {
            return Judge.hex(address) + " data=" + Judge.hex(data) + " sid=" + Judge.hex(sid);
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
     * @param memory words of memory that the IOMMU itself is to have changed
     * @param record fault record that it is to make; {@code null} if none is given
     */
    record Command(long[] words, Map<String, Long> states, List<MemoryWord> memory, long @Nullable [] record)
            implements VectorStep {
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
