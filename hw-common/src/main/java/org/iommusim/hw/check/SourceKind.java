package org.iommusim.hw.check;

/** What a word that something was made from is part of. */
public enum SourceKind {
    /** An entry of the table of devices, or what points to it. */
    DEVICE("device entry"),
    /** A context: what names an address space of a device, or what points to it. */
    CONTEXT("context"),
    /** A stage-2 entry that translated the address of a context. */
    CONTEXT_ADDRESS("stage-2 entry of the context's address"),
    /** An entry of a stage-1 table. */
    STAGE1("stage-1 entry"),
    /** An entry of a stage-2 table. */
    STAGE2("stage-2 entry"),
    /** An entry of the table of interrupts. */
    INTERRUPT("interrupt entry");

    private final String text;

    SourceKind(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
