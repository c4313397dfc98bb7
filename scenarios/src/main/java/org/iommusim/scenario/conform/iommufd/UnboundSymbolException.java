package org.iommusim.scenario.conform.iommufd;

/** A symbol is used whose operation did not answer what was recorded, so that it has no value. */
final class UnboundSymbolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnboundSymbolException(String symbol) {
        super(symbol + " has no value");
    }
}
