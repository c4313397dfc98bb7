package org.iommusim.scenario.conform.iommufd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.DataLayouts;
import org.iommusim.iommufd.abi.StructLayout;

/** Carries out operations as the recorded program did: bytes into user memory, a system call, bytes back. */
final class Player {
    /** The file that is open when a case begins. */
    static final String FIRST_FILE = "$fd";

    private static final int CELLS = 4;
    private static final long CACHE_AT_FIRST = 0xbaddad;

    private final SystemCalls calls;
    private final Symbols symbols;
    private final UserArea data;
    private final UserArea argument;
    private final SortedSet<Long> candidates = new TreeSet<>();
    private final AttachedPasids attached = new AttachedPasids();

    Player(SystemCalls calls, Symbols symbols, IommufdVector vector) {
        this.calls = calls;
        this.symbols = symbols;
        data = new UserArea(calls, Region.BLOB);
        argument = new UserArea(calls, Region.ARGUMENT);
        candidates.add(0L);
        candidates.add(CACHE_AT_FIRST);
        for (VectorOp op : vector.ops()) {
            if (op.data() instanceof UserData.Structs structs) {
                structs.structs().stream()
                        .map(struct -> struct.get("iotlb"))
                        .filter(Operand.Constant.class::isInstance)
                        .forEach(value -> candidates.add(value.value(symbols) & 0xffff_ffffL));
            }
        }
    }

    /**
     * Carries out an operation.
     *
     * @throws UnboundSymbolException if one of its inputs has no value
     */
    Answer play(VectorOp op) {
        data.clear();
        data.put(op.data().bytes(symbols));
        Request request = op.request();
        Answer answer = request == null ? helper(op) : request(op, request);
        attached.note(op, answer, symbols);
        return answer;
    }

    /** What is left to do before the program may end: the recorded kernel does not take attached PASIDs well. */
    void finish() {
        Request detach = request("TEST_PASID_DETACH");
        attached.all().forEach(one -> ioctl(one.fd(), detach, Map.of("id", one.stdev(), "pasid", one.pasid())));
    }

    // ---- ioctls -----------------------------------------------------------------------------------------------------

    private Answer request(VectorOp op, Request request) {
        long fd = op.value("on", symbols.value(FIRST_FILE), symbols);
        long number = op.value("_nr", request.number(), symbols);
        if (request.kind() == Request.Kind.VALUE) {
            return new Answer(calls.ioctl(fd, number, op.value("arg", 0, symbols)));
        }
        long nextDescriptor = calls.nextDescriptor();
        argument.clear();
        argument.put(struct(op, request));
        long result = calls.ioctl(fd, number, op.value("_ptr", argument.base(), symbols));
        Answer answer = new Answer(result);
        StructLayout layout = request.layout();
        answer.numbers().putAll(Records.fields(layout, argument.get(layout.size()), 0));
        answer.numbers().put("x_dmabuf_fd", nextDescriptor);
        data.mayHaveWritten(UserOutputs.bytes(op, symbols));
        UserOutputs.decode(op, answer, data, symbols);
        return answer;
    }

    private byte[] struct(VectorOp op, Request request) {
        StructLayout layout = request.layout();
        long offset = op.value("_trailoff", layout.size(), symbols);
        int trailing = (int) op.value("_trailn", 1, symbols);
        // Behind the structure: an offset that lies inside counts from its end.
        int from = (int) (offset < layout.size() ? layout.size() + offset : offset);
        Map<String, Long> values = new LinkedHashMap<>();
        op.in().forEach((field, value) -> {
            if (layout.has(field)) {
                values.put(field, value.value(symbols));
            }
        });
        if (request.kind() == Request.Kind.IOMMUFD) {
            values.put("size", op.value("_size", layout.size(), symbols));
            if (request.testOp() != 0) {
                values.put("op", (long) request.testOp());
            }
        }
        byte[] bytes = layout.encode(values).bytes();
        if (op.in().containsKey("_trail")) {
            bytes = Arrays.copyOf(bytes, Math.max(layout.size(), from + trailing));
            Arrays.fill(bytes, from, from + trailing, (byte) op.value("_trail", 0, symbols));
        }
        return bytes;
    }

    private static Request request(String name) {
        return Request.find(name).orElseThrow();
    }

    private long ioctl(long fd, Request request, Map<String, Long> fields) {
        Map<String, Long> values = new LinkedHashMap<>(fields);
        values.put("size", (long) request.layout().size());
        values.put("op", (long) request.testOp());
        argument.clear();
        argument.put(request.layout().encode(values).bytes());
        return calls.ioctl(fd, request.number(), argument.base());
    }

    // ---- helpers ----------------------------------------------------------------------------------------------------

    private Answer helper(VectorOp op) {
        return switch (op.name()) {
            case "X_OPEN" -> named("out_fd", calls.open());
            case "X_DUP" -> named("out_fd", calls.dup(value(op, "fd")));
            case "X_MEMFD" -> named("out_fd", calls.memfd(value(op, "len")));
            case "X_CLOSE" -> new Answer(calls.close(value(op, "fd")));
            case "X_READ" -> read(op);
            case "X_WRITE" -> write(op);
            case "X_POLL" -> named("revents", calls.poll(value(op, "fd")));
            case "X_MMAP" -> mmap(op);
            case "X_MUNMAP" -> new Answer(calls.munmap(value(op, "addr"), value(op, "length")));
            case "X_UNMAP_VA" -> new Answer(calls.munmap(value(op, "at"), value(op, "len")));
            case "X_FILL" -> fill(op);
            case "X_PEEK" -> peek(op);
            case "X_SETUID" -> new Answer(calls.setuid(value(op, "uid")));
            case "X_RLIMIT_MEMLOCK" -> new Answer(calls.limitLockedMemory(value(op, "bytes")));
            case "X_FORK" -> new Answer(calls.fork());
            case "X_JOIN" -> new Answer(calls.join());
            case "X_DUMP_IOTLB" -> dump(op, "TEST_MD_CHECK_IOTLB", "iotlb");
            case "X_DUMP_CACHE" -> dump(op, "TEST_DEV_CHECK_CACHE", "cache");
            default -> throw new IllegalStateException(op.name());
        };
    }

    private long value(VectorOp op, String field) {
        return op.value(field, 0, symbols);
    }

    private static Answer named(String output, long result) {
        Answer answer = new Answer(result < 0 ? result : 0);
        answer.numbers().put(output, result);
        return answer;
    }

    private Answer read(VectorOp op) {
        argument.clear();
        long bytes = value(op, "len");
        long result = calls.read(value(op, "fd"), op.value("_ptr", argument.base(), symbols), bytes);
        argument.mayHaveWritten(bytes);
        Answer answer = named("n", result);
        if (answer.errno() == 0) {
            byte[] read = argument.get((int) result);
            answer.records().put("vevents", Records.vevents(read));
            answer.records().put("faults", Records.array(DataLayouts.HWPT_PGFAULT, read));
        }
        return answer;
    }

    private Answer write(VectorOp op) {
        long bytes = op.value("len", op.data().bytes(symbols).length, symbols);
        return named("n", calls.write(value(op, "fd"), op.value("_ptr", data.base(), symbols), bytes));
    }

    private Answer mmap(VectorOp op) {
        long fd = op.value("fd", op.value("on", symbols.value(FIRST_FILE), symbols), symbols);
        long address = calls.mmap(
                fd, value(op, "offset"), value(op, "length"), value(op, "private") != 0, value(op, "exec") != 0);
        Answer answer = named("out_addr", address);
        if (answer.errno() == 0) {
            byte[] word = calls.load(address, Integer.BYTES);
            answer.numbers()
                    .put(
                            "word0",
                            ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffff_ffffL);
        }
        return answer;
    }

    private Answer fill(VectorOp op) {
        byte[] bytes = new byte[(int) value(op, "len")];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (value(op, "seed") + i);
        }
        return new Answer(calls.store(value(op, "at"), bytes) ? 0 : Errno.EFAULT);
    }

    private Answer peek(VectorOp op) {
        Answer answer = new Answer(0);
        byte[] bytes = calls.load(value(op, "at"), (int) value(op, "len"));
        answer.texts().put("data", HexFormat.of().formatHex(bytes));
        return answer;
    }

    /** Tries values in each cell until the mock says that it holds one. */
    private Answer dump(VectorOp op, String check, String field) {
        long fd = op.value("on", symbols.value(FIRST_FILE), symbols);
        List<Long> cells = new ArrayList<>();
        for (long cell = 0; cell < CELLS; cell++) {
            long found = -1;
            for (long candidate : candidates) {
                long result =
                        ioctl(fd, request(check), Map.of("id", value(op, "id"), field + "_id", cell, field, candidate));
                if (result != 0 && result != Errno.EINVAL) {
                    return new Answer(result);
                }
                if (result == 0) {
                    found = candidate;
                    break;
                }
            }
            cells.add(found);
        }
        Answer answer = new Answer(0);
        answer.texts().put(field, Texts.cells(cells));
        return answer;
    }
}
