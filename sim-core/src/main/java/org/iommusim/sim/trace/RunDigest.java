package org.iommusim.sim.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over everything observable of a run, in the order in which it was added.
 *
 * <p>The bytes are canonical: integers in little endian, strings as their length in bytes (an int) and UTF-8, nothing in
 * between. Whoever adds a list adds its length first, so that no two different runs make the same bytes. Any program can
 * recompute a digest from that.
 *
 * <p>Adding integers fills a buffer of 8 KiB and allocates nothing; a string is encoded, so keep strings off hot paths.
 * Not thread-safe.
 */
public final class RunDigest {

    private static final int BUFFER_BYTES = 8 * 1024;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final MessageDigest sha256;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int filled;

    /** Makes a digest to which nothing has been added. */
    public RunDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Adds 8 bytes.
     *
     * @param value a time in ps, an address, a count
     */
    public void add(long value) {
        if (filled > BUFFER_BYTES - Long.BYTES) {
            flush();
        }
        LONG.set(buffer, filled, value);
        filled += Long.BYTES;
    }

    /**
     * Adds 4 bytes; not the same as adding the value as a long.
     *
     * @param value a code, an id, a length
     */
    public void add(int value) {
        if (filled > BUFFER_BYTES - Integer.BYTES) {
            flush();
        }
        INT.set(buffer, filled, value);
        filled += Integer.BYTES;
    }

    /**
     * Adds a string: its length in bytes as an int, then its UTF-8.
     *
     * @param value any text
     */
    public void add(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        add(utf8.length);
        if (filled > BUFFER_BYTES - utf8.length) {
            flush();
        }
        if (utf8.length > BUFFER_BYTES) {
            sha256.update(utf8);
        } else {
            System.arraycopy(utf8, 0, buffer, filled, utf8.length);
            filled += utf8.length;
        }
    }

    /**
     * The digest of all that was added so far. More may be added afterwards.
     *
     * @return 64 lower-case hexadecimal digits
     */
    public String hex() {
        flush();
        try {
            return HexFormat.of().formatHex(((MessageDigest) sha256.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's SHA-256 cannot be copied", e);
        }
    }

    private void flush() {
        sha256.update(buffer, 0, filled);
        filled = 0;
    }
}
