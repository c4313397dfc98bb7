package org.iommusim.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunDigestTest {

    private final RunDigest digest = new RunDigest();

    @Test
    void shouldStartAsTheDigestOfNothing() {
        assertThat(digest.hex()).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    /** Computed by an independent program: the format is part of every recorded digest. */
    @Test
    void shouldGiveTheRecordedDigest() {
        digest.add(1_000_000L);
        digest.add(-7);
        digest.add("smmü");
        assertThat(digest.hex()).isEqualTo("e0550570eca49bdcd9806b866a9411be52ed45efc8453be2bdf883b68d126707");
    }

    @Test
    void shouldGoOnAfterHex() {
        digest.add(1L);
        String before = digest.hex();
        assertThat(digest.hex()).isEqualTo(before);
        digest.add(2L);

        RunDigest atOnce = new RunDigest();
        atOnce.add(1L);
        atOnce.add(2L);
        assertThat(digest.hex()).isEqualTo(atOnce.hex()).isNotEqualTo(before);
    }

    @Test
    void shouldTellWhereAStringEnds() {
        RunDigest other = new RunDigest();
        digest.add("ab");
        digest.add("c");
        other.add("a");
        other.add("bc");
        assertThat(digest.hex()).isNotEqualTo(other.hex());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldEqualThePlainSha256HoweverTheBufferFills(long seed) {
        Gen.check(seed, RunDigestTest::values, values -> {
            RunDigest buffered = new RunDigest();
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            for (Object value : values) {
                addTo(buffered, value);
                plain.writeBytes(bytes(value));
            }
            assertThat(buffered.hex()).isEqualTo(sha256(plain.toByteArray()));
        });
    }

    private static List<Object> values(Gen gen) {
        return gen.list(3000, g -> switch (g.weighted(40, 40, 20, 1)) {
            case 0 -> g.bits();
            case 1 -> (int) g.bits();
            case 2 -> "é".repeat(g.below(40));
            default -> "x".repeat(g.below(30_000));
        });
    }

    private static void addTo(RunDigest digest, Object value) {
        if (value instanceof Long number) {
            digest.add(number.longValue());
        } else if (value instanceof Integer number) {
            digest.add(number.intValue());
        } else {
            digest.add((String) value);
        }
    }

    private static byte[] bytes(Object value) {
        byte[] utf8 = value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : new byte[0];
        ByteBuffer out = ByteBuffer.allocate(8 + utf8.length).order(ByteOrder.LITTLE_ENDIAN);
        if (value instanceof Long number) {
            out.putLong(number);
        } else if (value instanceof Integer number) {
            out.putInt(number);
        } else {
            out.putInt(utf8.length).put(utf8);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
