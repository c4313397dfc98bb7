package org.iommusim.iommufd.eventq;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_veventq_fops_read}: whole events, each behind its {@code struct iommufd_vevent_header}. */
public final class VeventqRead extends Frame {
    /** Not an error: the rest of the buffer is too small for the next event. */
    private static final int FULL = 1;

    private static final Footprint DELIVER = Footprint.of(EventQueue.DELIVER);

    /** No mutex: two readers get different events, and one that must put its event back may put it in front of a newer. */
    private static final Program<VeventqRead> READ = Program.<VeventqRead>named("iommufd_veventq_fops_read")
            .check("room for a header", f -> f.count >= Vevent.HEADER_BYTES, Errno.EINVAL)
            .loop(
                    "each event",
                    f -> f.error.get() == 0,
                    b -> b.lock("eventq->lock", f -> f.veventq.lock())
                            .step("fetch the first of deliver", DELIVER, f -> f.event.set(f.veventq.fetch()))
                            .undoNow("eventq->lock")
                            .when("none", f -> f.event.get() == null, c -> c.finish("all read", VeventqRead::result))
                            .step("fits", HostCost.LOCAL, Footprint.LOCAL, VeventqRead::checkRoom)
                            .when(
                                    "there is room",
                                    f -> f.error.get() == 0,
                                    c -> c.step(
                                            "copy_to_user", HostCost.USER_COPY, UserMemory.ACCESS, VeventqRead::copy))
                            .either(
                                    "copied",
                                    f -> f.error.get() == 0,
                                    c -> c.lock("eventq->lock to count", f -> f.veventq.lock())
                                            .step(
                                                    "num_events--",
                                                    Footprint.of(Veventq.EVENTS),
                                                    f -> f.veventq.consumed(f.event.require()))
                                            .undoNow("eventq->lock to count"),
                                    c -> c.lock("eventq->lock to restore", f -> f.veventq.lock())
                                            .step(
                                                    "restore to the head of deliver",
                                                    DELIVER,
                                                    f -> f.veventq.restore(f.event.require()))
                                            .undoNow("eventq->lock to restore")))
            .finish("bytes or error", VeventqRead::result)
            .build();

    private final Veventq veventq;
    private final UserMemory memory;
    private final long address;
    private final long count;
    private final LongCell result;
    private final RefCell<Vevent> event = ref();
    private final IntCell done = count();
    private final IntCell error = count();

    private VeventqRead(Veventq veventq, UserMemory memory, long address, long count, LongCell result) {
        super(veventq.ctx().kernel().world());
        this.veventq = veventq;
        this.memory = memory;
        this.address = address;
        this.count = count;
        this.result = result;
    }

    /**
     * Reads; never waits. Errors, if no event could be read: EINVAL (no room for a header, or for the first event), EFAULT.
     */
    static Call<?> call(Veventq veventq, UserMemory memory, long address, long count, LongCell result) {
        return new Call<>(READ, new VeventqRead(veventq, memory, address, count, result));
    }

    private void checkRoom() {
        if (event.require().bytes() > count - done.get()) {
            error.set(done.get() == 0 ? Errno.EINVAL : FULL);
        }
    }

    private void copy() {
        Vevent next = event.require();
        ByteBuffer record = ByteBuffer.allocate(next.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(next.lost() ? Vevent.FLAG_LOST_EVENTS : 0)
                .putInt(next.sequence())
                .put(next.data());
        error.set(memory.copyToUser(address + done.get(), record.array()));
        if (error.get() == 0) {
            done.add(next.bytes());
        }
    }

    private int result() {
        result.set(done.get());
        return done.get() > 0 ? 0 : error.get();
    }
}
