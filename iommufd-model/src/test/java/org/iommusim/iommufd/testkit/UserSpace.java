package org.iommusim.iommufd.testkit;

import java.util.Map;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.IoctlTable;
import org.iommusim.iommufd.ioctl.IommufdFile;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.sim.program.Call;

/** The rig's process as a user of system calls: structures lie in its memory as bytes. */
public final class UserSpace {
    /** Where structures lie; one page below nothing. */
    public static final long STRUCT = 0x5000_0000L;
    /** Where other data lie. */
    public static final long DATA = 0x5100_0000L;

    public final Rig rig;
    public final Caller caller;
    public final int fd;

    /** Opens /dev/iommu on the rig's context. */
    public UserSpace(Rig rig) {
        this(rig, IoctlTable.LINUX);
    }

    /** Opens /dev/iommu of a kernel with these ioctls on the rig's context. */
    public UserSpace(Rig rig, IoctlTable table) {
        this.rig = rig;
        caller = new Caller(rig.process, new FileTable(rig.kernel));
        fd = caller.files().open(new IommufdFile(rig.ctx, table));
        rig.process.mmap(MmapRequest.anonymous(0x2000).at(STRUCT));
        rig.process.mmap(MmapRequest.anonymous(0x10000).at(DATA));
    }

    /** An ioctl whose structure is written first, with its size; its answer. */
    public int ioctl(IommufdIoctl ioctl, Map<String, Long> values) {
        put(ioctl.layout()
                .encode(values)
                .writer()
                .set("size", ioctl.layout().size())
                .image()
                .bytes());
        return ioctl(ioctl.number(), STRUCT);
    }

    /** An ioctl with whatever is at this address; its answer. */
    public int ioctl(int number, long argument) {
        return rig.run(SystemCall.ioctl(caller, fd, number, argument));
    }

    /** A system call that must succeed; its result. */
    public long ok(Call<SystemCall> call) {
        int errno = rig.run(call);
        if (errno != 0) {
            throw new AssertionError("errno " + errno);
        }
        return call.frame().result();
    }

    /** Writes bytes where structures lie. */
    public void put(byte[] bytes) {
        put(STRUCT, bytes);
    }

    /** Writes bytes. */
    public void put(long address, byte[] bytes) {
        if (rig.process.copyToUser(address, bytes) != 0) {
            throw new AssertionError("no memory there");
        }
    }

    /** The structure as it is now. */
    public StructImage get(StructLayout layout) {
        return layout.image(bytes(STRUCT, layout.size()));
    }

    /** Bytes of memory. */
    public byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        if (rig.process.copyFromUser(address, bytes) != 0) {
            throw new AssertionError("no memory there");
        }
        return bytes;
    }
}
