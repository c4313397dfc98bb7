package org.iommusim.iommufd.eventq;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.UserPages;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_fault_fops_read}: whole groups as {@code struct iommu_hwpt_pgfault}, each with a cookie to answer to. */
public final class FaultRead extends Frame {
    /** Bytes of a {@code struct iommu_hwpt_pgfault}. */
    public static final int FAULT_BYTES = 40;

    /** Not an error: the rest of the buffer is too small for the next group. */
    private static final int FULL = 1;

    private static final Footprint GROUP = Footprint.of(IopfGroup.GROUP);
    static final Footprint DELIVER = Footprint.of(EventQueue.DELIVER);
    private static final Footprint RESPONSE = Footprint.of(Fault.RESPONSE, IopfGroup.GROUP);
    static final Footprint COPY = Footprint.of(IopfGroup.GROUP, AttachHandle.HANDLE, IommufdObject.LIFE)
            .and(UserMemory.ACCESS);

    static final Program<FaultRead> READ = Program.<FaultRead>named("iommufd_fault_fops_read")
            .check("whole faults", f -> f.count % FAULT_BYTES == 0, Errno.ESPIPE)
            // Held for all groups and their copies: an automatic answer waits, new faults do not.
            .lock("fault->mutex", f -> f.fault.mutex())
            .loop(
                    "each group",
                    f -> f.goOn.get() != 0,
                    b -> b.lock("eventq->lock", f -> f.fault.lock())
                            .step("fetch the first of deliver", DELIVER, FaultRead::fetch)
                            .undoNow("eventq->lock")
                            .when("none", f -> f.group.get() == null, c -> c.finish("all read", FaultRead::result))
                            .step("fits", HostCost.LOCAL, GROUP, FaultRead::checkRoom)
                            .when(
                                    "there is room",
                                    f -> f.error.get() == 0,
                                    c -> c.step("xa_alloc cookie", HostCost.ALLOCATE, RESPONSE, FaultRead::allocate))
                            .when(
                                    "has a cookie",
                                    f -> f.error.get() == 0,
                                    c -> UserPages.fault(c, "", f -> f.userFaultPs, f -> f.fault.ctx())
                                            .step("copy_to_user", HostCost.USER_COPY, COPY, FaultRead::copy)
                                            .when(
                                                    "not copied",
                                                    f -> f.error.get() != 0,
                                                    d -> d.step("xa_erase cookie", RESPONSE, FaultRead::erase)))
                            .when(
                                    "not read",
                                    f -> f.error.get() != 0,
                                    c -> c.lock("eventq->lock to restore", f -> f.fault.lock())
                                            .step("restore to the head of deliver", DELIVER, FaultRead::restore)
                                            .undoNow("eventq->lock to restore")))
            .finish("bytes or error", FaultRead::result)
            .build();

    private final Fault fault;
    private final UserMemory memory;
    private final long userFaultPs;
    private final long address;
    private final long count;
    private final LongCell result;
    private final RefCell<IopfGroup> group = ref();
    private final RefCell<byte[]> composed = ref();
    private final IntCell goOn = count();
    private final IntCell done = count();
    private final IntCell error = count();

    private FaultRead(Fault fault, Caller caller, long address, long count, LongCell result) {
        super(fault.ctx().kernel().world());
        this.fault = fault;
        memory = caller.process();
        userFaultPs = caller.userFaultPs();
        this.address = address;
        this.count = count;
        this.result = result;
        goOn.set(1);
    }

    /**
     * Reads. Errors, if no group could be read: ESPIPE (not a multiple of {@link #FAULT_BYTES}), EINVAL (the first group does
     * not fit), ENOMEM, EFAULT. A group that cannot be copied as a whole stays at the head.
     */
    static Call<?> call(Fault fault, Caller caller, long address, long count, LongCell result) {
        return new Call<>(READ, new FaultRead(fault, caller, address, count, result));
    }

    private void fetch() {
        group.set(null);
        if (fault.readable()) {
            group.set(fault.deliver().items().get(0));
            fault.deliver().remove(group.require());
        }
    }

    private void checkRoom() {
        if (group.require().faults().size() * FAULT_BYTES > count - done.get()) {
            error.set(done.get() == 0 ? Errno.EINVAL : FULL);
        }
    }

    private void allocate() {
        error.set(fault.ctx().kernel().faults().errno("iommufd_fault_fops_read", "xa_alloc cookie"));
        if (error.get() == 0) {
            fault.allocateCookie(group.require());
        }
    }

    private void copy() {
        IommufdObject idev = group.require().handle().idev();
        idev.touch("iommufd_compose_fault_message");
        copyWithNotedId();
    }

    /** {@code fault->mutex}. */
    Lock mutex() {
        return fault.mutex();
    }

    /** Makes the messages of the group, so that it need not be there when they are copied. */
    void compose() {
        IopfGroup next = group.require();
        composed.set(messages(next, next.handle().idev().id()));
    }

    /** Copies the group; the id of its device is known. */
    void copyWithNotedId() {
        compose();
        copyComposed();
    }

    /** Copies what was composed. */
    void copyComposed() {
        byte[] messages = composed.require();
        error.set(memory.copyToUser(address + done.get(), messages, 0, messages.length));
        if (error.get() == 0) {
            done.add(messages.length);
        }
    }

    /** Copies the requests of the group one by one, and counts those that could be copied. */
    void copyEach() {
        IopfGroup next = group.require();
        byte[] messages = messages(next, next.handle().idev().id());
        for (int at = 0; at < messages.length && error.get() == 0; at += FAULT_BYTES) {
            error.set(memory.copyToUser(address + done.get(), messages, at, FAULT_BYTES));
            if (error.get() == 0) {
                done.add(FAULT_BYTES);
            }
        }
    }

    private byte[] messages(IopfGroup next, int device) {
        ByteBuffer buffer =
                ByteBuffer.allocate(next.faults().size() * FAULT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (IommuFault each : next.faults()) {
            buffer.putInt(each.flags()).putInt(device).putInt(each.pasid()).putInt(each.grpid());
            buffer.putInt(each.perm()).putInt(0).putLong(each.addr()).putInt(0).putInt(next.cookie());
        }
        return buffer.array();
    }

    private void erase() {
        fault.eraseCookie(group.require().cookie());
    }

    private void restore() {
        fault.deliver().add(0, group.require());
        goOn.set(0);
    }

    private int result() {
        result.set(done.get());
        return done.get() > 0 ? 0 : error.get();
    }
}
