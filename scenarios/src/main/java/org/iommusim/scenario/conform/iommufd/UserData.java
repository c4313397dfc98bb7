package org.iommusim.scenario.conform.iommufd;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.iommufd.abi.StructLayout;

/** What an operation's pointer points to: it lies at the start of {@link Region#BLOB}. */
sealed interface UserData {
    /** Nothing but zeroes. */
    UserData NONE = new Raw("");

    /**
     * The bytes.
     *
     * @throws UnboundSymbolException if they hang on a symbol without a value
     */
    byte[] bytes(Symbols symbols);

    /**
     * An array of structures.
     *
     * @param layout of each
     * @param stride bytes from one to the next: a shorter one cuts them off, a longer one leaves a tail
     * @param tail value of every byte of the tails
     * @param structs the fields that are not 0
     */
    record Structs(StructLayout layout, int stride, int tail, List<Map<String, Operand>> structs) implements UserData {
        /** Copies the structures. */
        public Structs {
            structs = List.copyOf(structs);
        }

        @Override
        public byte[] bytes(Symbols symbols) {
            byte[] all = new byte[stride * structs.size()];
            for (int i = 0; i < structs.size(); i++) {
                Map<String, Long> values = new LinkedHashMap<>();
                structs.get(i).forEach((field, value) -> values.put(field, value.value(symbols)));
                byte[] one = layout.encode(values).bytes();
                int head = Math.min(stride, one.length);
                System.arraycopy(one, 0, all, i * stride, head);
                Arrays.fill(all, i * stride + head, (i + 1) * stride, (byte) tail);
            }
            return all;
        }
    }

    /**
     * A bitmap.
     *
     * @param bits which are set
     */
    record Bitmap(List<Integer> bits) implements UserData {
        /** Copies the numbers. */
        public Bitmap {
            bits = List.copyOf(bits);
        }

        @Override
        public byte[] bytes(Symbols symbols) {
            int last = bits.stream().mapToInt(Integer::intValue).max().orElse(-1);
            byte[] bytes = new byte[(last + 8) / 8];
            bits.forEach(bit -> bytes[bit / 8] |= (byte) (1 << bit % 8));
            return bytes;
        }
    }

    /**
     * Bytes as they are.
     *
     * @param hex two digits each
     */
    record Raw(String hex) implements UserData {
        @Override
        public byte[] bytes(Symbols symbols) {
            return HexFormat.of().parseHex(hex);
        }
    }
}
