package org.iommusim.iommufd.selftest;

import java.util.HashMap;
import java.util.Map;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.abi.TestOp;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.testkit.UserSpace;

/** User space of a kernel with the selftest: its operations with named fields, and the others by their structures. */
final class MockSpace {
    final Rig rig = new Rig();
    final MockDriver driver = new MockDriver(rig.kernel, "mock");
    final UserSpace user = new UserSpace(rig, Selftest.table(driver));

    /** What the last operation left in its structure. */
    private StructImage answer = TestOp.HEAD.writer().image();

    /** An operation of IOMMU_TEST_CMD with fields as name, value pairs; its answer. */
    int test(TestOp op, Object... fields) {
        Map<String, Long> values = values(fields);
        values.put("size", (long) op.layout().size());
        values.put("op", (long) op.number());
        user.put(op.layout().encode(values).bytes());
        int errno = user.ioctl(TestOp.NUMBER, UserSpace.STRUCT);
        answer = user.get(op.layout());
        return errno;
    }

    /** An ioctl; its answer. */
    int ioctl(IommufdIoctl ioctl, Object... fields) {
        int errno = user.ioctl(ioctl, values(fields));
        answer = user.get(ioctl.layout());
        return errno;
    }

    /** A field of what the last operation left. */
    int out(String field) {
        return answer.u32(field);
    }

    int ioas() {
        return ioctl(IommufdIoctl.IOAS_ALLOC) == 0 ? out("out_ioas_id") : -1;
    }

    /** Maps anonymous memory for reading and writing at a fixed place. */
    int map(int ioas, long va, long bytes, long iova) {
        return ioctl(IommufdIoctl.IOAS_MAP, "ioas_id", ioas, "flags", 7, "user_va", va, "length", bytes, "iova", iova);
    }

    int destroy(int id) {
        return ioctl(IommufdIoctl.DESTROY, "id", id);
    }

    int close(int fd) {
        return rig.run(SystemCall.close(user.caller, fd));
    }

    private static Map<String, Long> values(Object... fields) {
        Map<String, Long> values = new HashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            values.put((String) fields[i], ((Number) fields[i + 1]).longValue());
        }
        return values;
    }
}
