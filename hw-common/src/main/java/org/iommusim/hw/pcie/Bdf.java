package org.iommusim.hw.pcie;

/** Requester ids as text: {@code bb:dd.f}, hexadecimal bus and device. */
public final class Bdf {
    private Bdf() {}

    /** Text of a requester id. */
    public static String text(int requesterId) {
        return hex(requesterId >> 8 & 0xff) + ":" + hex(requesterId >> 3 & 0x1f) + "." + (requesterId & 7);
    }

    private static String hex(int value) {
        return Integer.toHexString(0x100 | value).substring(1);
    }

    /** Requester id of {@code bb:dd.f}; -1 if the text is not one. */
    public static int parse(String text) {
        if (!text.matches("[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7]")) {
            return -1;
        }
        int bus = Integer.parseInt(text.substring(0, 2), 16);
        int device = Integer.parseInt(text.substring(3, 5), 16);
        return bus << 8 | device << 3 | text.charAt(6) - '0';
    }
}
