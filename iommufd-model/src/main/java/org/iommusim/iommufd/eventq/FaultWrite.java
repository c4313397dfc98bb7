package org.iommusim.iommufd.eventq;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_fault_fops_write}: user space's answers, one {@code struct iommu_hwpt_page_response} per group. */
public final class FaultWrite extends Frame {
    /** Bytes of a {@code struct iommu_hwpt_page_response}. */
    public static final int RESPONSE_BYTES = 8;

    private static final Footprint RESPONSE = Footprint.of(Fault.RESPONSE, IopfGroup.GROUP);

    private static final Program<FaultWrite> WRITE = Program.<FaultWrite>named("iommufd_fault_fops_write")
            .check("whole responses", f -> f.count % RESPONSE_BYTES == 0, Errno.ESPIPE)
            .lock("fault->mutex", f -> f.fault.mutex())
            .loop(
                    "each response",
                    f -> f.done.get() < f.count && f.error.get() == 0,
                    b -> b.step("copy_from_user", HostCost.USER_COPY, UserMemory.ACCESS, FaultWrite::copy)
                            .when(
                                    "a known code",
                                    f -> f.error.get() == 0,
                                    // Finds and takes it at once: no group is answered twice.
                                    c -> c.step("xa_erase cookie", RESPONSE, FaultWrite::take))
                            .when(
                                    "a known cookie",
                                    f -> f.error.get() == 0,
                                    c -> c.invoke(
                                                    "answer and free",
                                                    f -> Iopf.respondAndFree(f.group.require(), f.code.get()))
                                            .step(
                                                    "done",
                                                    HostCost.FREE,
                                                    Footprint.LOCAL,
                                                    f -> f.done.add(RESPONSE_BYTES))))
            .finish("bytes or error", FaultWrite::result)
            .build();

    private final Fault fault;
    private final UserMemory memory;
    private final long address;
    private final long count;
    private final LongCell result;
    private final RefCell<IopfGroup> group = ref();
    private final IntCell cookie = count();
    private final IntCell code = count();
    private final IntCell done = count();
    private final IntCell error = count();

    private FaultWrite(Fault fault, UserMemory memory, long address, long count, LongCell result) {
        super(fault.ctx().kernel().world());
        this.fault = fault;
        this.memory = memory;
        this.address = address;
        this.count = count;
        this.result = result;
    }

    /**
     * Answers groups until one answer is wrong. Errors, if it is the first: ESPIPE (not a multiple of {@link
     * #RESPONSE_BYTES}), EFAULT, EINVAL (a code that is neither SUCCESS nor INVALID; a cookie that nobody was given).
     */
    static Call<?> call(Fault fault, UserMemory memory, long address, long count, LongCell result) {
        return new Call<>(WRITE, new FaultWrite(fault, memory, address, count, result));
    }

    private void copy() {
        byte[] response = new byte[RESPONSE_BYTES];
        error.set(memory.copyFromUser(address + done.get(), response));
        if (error.get() != 0) {
            return;
        }
        ByteBuffer words = ByteBuffer.wrap(response).order(ByteOrder.LITTLE_ENDIAN);
        cookie.set(words.getInt());
        code.set(words.getInt());
        if (code.get() != IommuFault.RESP_SUCCESS && code.get() != IommuFault.RESP_INVALID) {
            error.set(Errno.EINVAL);
        }
    }

    private void take() {
        group.set(fault.eraseCookie(cookie.get()));
        if (group.get() == null) {
            error.set(Errno.EINVAL);
        }
    }

    private int result() {
        result.set(done.get());
        return done.get() > 0 ? 0 : error.get();
    }
}
