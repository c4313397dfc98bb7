package org.iommusim.iommufd.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommusim.iommufd.eventq.EventQueue;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.file.PollMask;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.sim.program.Call;

/** The file of a queue under a descriptor, and a buffer for what goes through it. */
public final class QueueFile {
    private static final int BUFFER_BYTES = 4096;

    private final Rig rig;
    private final Caller caller;
    private final int fd;
    private final long buffer;

    /** Takes over the first reference of the queue's file. */
    public QueueFile(Rig rig, EventQueue queue) {
        this.rig = rig;
        KernelFile file = queue.file().require();
        caller = new Caller(rig.process, new FileTable(rig.kernel));
        fd = caller.files().open(file);
        buffer = rig.process.mmap(BUFFER_BYTES, false);
    }

    private int run(Call<SystemCall> call) {
        int errno = rig.run(call);
        return errno != 0 ? errno : (int) call.frame().result();
    }

    /** Reads into the buffer; the number of bytes, or the errno. */
    public int read(int bytes) {
        return readAt(buffer, bytes);
    }

    /** Reads to an address; the number of bytes, or the errno. */
    public int readAt(long address, int bytes) {
        return run(SystemCall.read(caller, fd, address, bytes));
    }

    /** The first words of the buffer. */
    public int[] words(int count) {
        byte[] bytes = new byte[4 * count];
        rig.process.copyFromUser(buffer, bytes);
        int[] words = new int[count];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words);
        return words;
    }

    /** Writes words; the number of bytes, or the errno. */
    public int write(int... words) {
        return run(writing(words));
    }

    /** A read into the buffer, to be run. */
    public Call<SystemCall> reading(int bytes) {
        return SystemCall.read(caller, fd, buffer, bytes);
    }

    /** A write of words, to be run. */
    public Call<SystemCall> writing(int... words) {
        fill(words);
        return SystemCall.write(caller, fd, buffer, 4L * words.length);
    }

    /** A close, to be run. */
    public Call<SystemCall> closing() {
        return SystemCall.close(caller, fd);
    }

    private void fill(int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        rig.process.copyToUser(buffer, bytes.array());
    }

    /** What poll tells, e.g. {@code IN OUT}. */
    public String poll() {
        int mask = run(SystemCall.poll(caller, fd));
        String in = (mask & (PollMask.IN | PollMask.RDNORM)) == 0 ? "" : "IN ";
        return (in + ((mask & PollMask.OUT) == 0 ? "" : "OUT")).trim();
    }

    /** Closes the descriptor. */
    public void close() {
        run(SystemCall.close(caller, fd));
    }
}
