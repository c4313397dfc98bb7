package org.iommusim.iommufd.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iommusim.iommufd.testkit.UserSpace.DATA;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.AreaOwner;
import org.iommusim.iommufd.mm.Backing;
import org.iommusim.iommufd.mm.MmapFlag;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.testkit.UserSpace;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.program.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Descriptors, references on files, and what files answer that lack an operation. */
class SystemCallTest {
    private static final int PAGE = 0x1000;

    private final Rig rig = new Rig();
    private final UserSpace user = new UserSpace(rig);
    private final Caller caller = user.caller;
    private final FileTable files = caller.files();

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    @Test
    void shouldGiveTheLowestFreeDescriptor() {
        MemFd memory = new MemFd(rig.kernel, 2 * PAGE);
        int first = files.open(memory);
        int second = files.dup(first);
        assertThat(new int[] {user.fd, first, second}).containsExactly(3, 4, 5);
        assertThat(memory.references()).isEqualTo(2);

        assertThat(rig.run(SystemCall.close(caller, first))).isZero();
        int reserved = files.reserve();
        assertThat(reserved).isEqualTo(4);
        assertThat(files.file(reserved)).isNull();
        files.unreserve(reserved);
        assertThat(files.open(memory)).isEqualTo(4);
        assertThat(files.dup(77)).isEqualTo(-1);
        assertThat(files.lowest()).isEqualTo(3);
    }

    @Test
    void shouldRunOutOfDescriptors() {
        MemFd memory = new MemFd(rig.kernel, PAGE);
        for (int fd = 4; fd < 1024; fd++) {
            assertThat(files.open(memory)).isEqualTo(fd);
        }
        assertThat(files.open(memory)).isEqualTo(-1);
    }

    @Test
    void shouldAnswerAsAFileWithoutTheOperation() {
        int fd = files.open(new MemFd(rig.kernel, PAGE));
        assertThat(rig.run(SystemCall.ioctl(caller, fd, 0x3b81, DATA))).isEqualTo(Errno.ENOTTY);
        assertThat(rig.run(SystemCall.read(caller, user.fd, DATA, 8))).isEqualTo(Errno.EINVAL);
        assertThat(rig.run(SystemCall.write(caller, user.fd, DATA, 8))).isEqualTo(Errno.EINVAL);
        KernelFile without = new KernelFile(rig.kernel, "without operations") {};
        assertThat(rig.run(SystemCall.mmap(caller, files.open(without), MmapRequest.anonymous(PAGE))))
                .isEqualTo(Errno.ENODEV);
        assertThat(user.ok(SystemCall.poll(caller, user.fd))).isEqualTo(PollMask.DEFAULT);
        assertThat(rig.run(SystemCall.poll(caller, 99))).isEqualTo(Errno.EBADF);
    }

    @Test
    void shouldKeepPagesOfAMemoryFileWhileItIsMapped() {
        int fd = files.open(new MemFd(rig.kernel, 2 * PAGE));
        long va = user.ok(
                SystemCall.mmap(caller, fd, MmapRequest.anonymous(2 * PAGE).with(MmapFlag.SHARED)));
        user.put(va + PAGE, new byte[] {42});
        long frame = rig.process.translate(va + PAGE);
        assertThat(rig.run(SystemCall.close(caller, fd))).isZero();

        assertThat(user.bytes(va + PAGE, 1)).containsExactly(42);
        assertThat(rig.run(SystemCall.munmap(rig.kernel, rig.process, va, 2 * PAGE)))
                .isZero();

        assertThat(rig.memory.owner(frame)).isEqualTo(PageOwner.FREE);
    }

    @Test
    void shouldShareFilesWithAChild() {
        MemFd memory = new MemFd(rig.kernel, PAGE);
        int fd = files.open(memory);
        FileTable child = files.copy();
        assertThat(child.file(fd)).isSameAs(memory);
        assertThat(memory.references()).isEqualTo(2);

        assertThat(rig.run(SystemCall.close(new Caller(rig.process, child), fd)))
                .isZero();

        assertThat(memory.references()).isEqualTo(1);
        assertThat(files.file(fd)).isSameAs(memory);
        assertThat(rig.ctx.fileReferences()).isEqualTo(2);
    }

    @Test
    void shouldTellOwnersOfAreasWhenEachPieceGoes() {
        Owner owner = new Owner();
        Backing page = Backing.of(rig.kernel, rig.pages.allocate(PageOwner.KERNEL, 3, 1), 3);
        long va = rig.process.mmap(
                MmapRequest.anonymous(3 * PAGE).with(MmapFlag.SHARED).backedBy(page, owner));

        assertThat(rig.run(SystemCall.munmap(rig.kernel, rig.process, va + PAGE, PAGE)))
                .isZero();
        assertThat(owner.areas).isEqualTo(2);
        assertThat(rig.process.fork("child", Process::exit)).isZero();
        assertThat(owner.areas).isEqualTo(4);
        assertThat(rig.run(SystemCall.munmap(rig.kernel, rig.process, va, 3 * PAGE)))
                .isZero();

        assertThat(owner.areas).isEqualTo(2);
        assertThat(rig.memory.owner(page.frame(1))).isEqualTo(PageOwner.KERNEL);
    }

    /** Counts areas; a child's are never closed here, because nobody runs its exit. */
    private final class Owner implements AreaOwner {
        private int areas = 1;

        @Override
        public void open() {
            areas++;
        }

        @Override
        public Call<?> close() {
            areas--;
            return Answer.of(rig.kernel, 0);
        }

        @Override
        public long stableId() {
            return 1;
        }
    }
}
