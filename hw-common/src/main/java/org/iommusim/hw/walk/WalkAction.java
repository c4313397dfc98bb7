package org.iommusim.hw.walk;

/** What a format asks for next; the operands are in the {@link WalkState}. */
public enum WalkAction {
    /** Read {@code readBytes} at {@code readAddress} (an address of this stage's output space) and call back. */
    READ,
    /**
     * Compare and swap the 64-bit word at {@code updateAddress} from {@code updateExpected} to {@code updateValue}; then
     * call back with the word that is there now: on a mismatch the format looks at it again.
     */
    UPDATE,
    /** Done: {@code outputBase}, {@code pageShift}, {@code permissions} and {@code attributes} are set. */
    LEAF,
    /** Ended: {@code fault} and {@code level} are set. */
    FAULT
}
