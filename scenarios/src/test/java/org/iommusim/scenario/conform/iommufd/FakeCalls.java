package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongBinaryOperator;

/** A process with memory whose system calls do what a test says. */
final class FakeCalls implements SystemCalls {
    /** Every ioctl: descriptor, number, argument. */
    final List<List<Long>> ioctls = new ArrayList<>();

    private final TreeMap<Long, Byte> memory = new TreeMap<>();
    private final LongBinaryOperator answer;

    /** {@code answer} gets the number and the argument of each ioctl. */
    FakeCalls(LongBinaryOperator answer) {
        this.answer = answer;
    }

    @Override
    public long ioctl(long fd, long number, long argument) {
        ioctls.add(List.of(fd, number, argument));
        return answer.applyAsLong(number, argument);
    }

    @Override
    public boolean store(long va, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            memory.put(va + i, bytes[i]);
        }
        return true;
    }

    @Override
    public byte[] load(long va, int bytes) {
        byte[] loaded = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            loaded[i] = memory.getOrDefault(va + i, (byte) 0);
        }
        return loaded;
    }

    @Override
    public long read(long fd, long va, long bytes) {
        return answer.applyAsLong(va, bytes);
    }

    @Override
    public long nextDescriptor() {
        return 17;
    }

    @Override
    public long write(long fd, long va, long bytes) {
        return bytes;
    }

    @Override
    public long open() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long memfd(long bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long close(long fd) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long dup(long fd) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long poll(long fd) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long mmap(long fd, long offset, long bytes, boolean privately, boolean executable) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long munmap(long va, long bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long setuid(long uid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long limitLockedMemory(long bytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long fork() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long join() {
        throw new UnsupportedOperationException();
    }
}
