package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/** Records of the guest virtual APIC log: interrupts for guests that do not run. 8 bytes, one word. */
public final class GaRecord {
    /** Words in a record. */
    public static final int WORDS = 1;
    /** Bytes in a record. */
    public static final int BYTES = 8;
    /** The one type: a guest that does not run has an interrupt. */
    public static final int TYPE_GUEST_NOT_RUNNING = 1;

    /** Tag of the interrupt remapping entry. */
    public static final BitField TAG = BitField.of("GATag", 0, 31, 0);
    /** The function whose interrupt it is. */
    public static final BitField DEVICE_ID = BitField.of("DeviceID", 0, 47, 32);

    public static final BitField TYPE = BitField.of("type", 0, 63, 60);

    private GaRecord() {}

    /** The record of an interrupt. */
    public static long word(int deviceId, int tag) {
        return TYPE.with(0, TYPE_GUEST_NOT_RUNNING) | DEVICE_ID.with(0, deviceId) | TAG.with(0, tag);
    }

    /** A record in one line for humans. */
    public static String text(long word) {
        return "device=0x" + Long.toHexString(DEVICE_ID.get(word)) + " tag=0x" + Long.toHexString(TAG.get(word));
    }
}
