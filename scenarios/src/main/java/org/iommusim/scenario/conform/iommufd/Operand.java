package org.iommusim.scenario.conform.iommufd;

/** A number that a vector gives, as it is written. */
sealed interface Operand {
    /**
     * The number.
     *
     * @throws UnboundSymbolException if it hangs on a symbol without a value
     */
    long value(Symbols symbols);

    /** A number, an address, or bits. */
    record Constant(long bits) implements Operand {
        @Override
        public long value(Symbols symbols) {
            return bits;
        }
    }

    /**
     * What an earlier operation answered.
     *
     * @param name with its dollar sign
     * @param offset is added
     */
    record Symbol(String name, long offset) implements Operand {
        @Override
        public long value(Symbols symbols) {
            return symbols.value(name) + offset;
        }
    }
}
