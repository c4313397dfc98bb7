package org.iommusim.hw.contract;

/** Interrupt messages of functions, and how software remaps them. */
public interface Messages {
    /** Where a function sends its message; its data is 0. */
    long address(int function);

    /** The data of the message that arrives for a vector. */
    int data(int vector);

    /** Writes the entry of the message of a function: this vector. */
    void remap(int function, int vector);

    /** Clears that entry. */
    void clear(int function);

    /** Invalidates what was read from it. */
    void forget(int function);
}
