package org.iommusim.iommufd.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.IoasMap;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In-kernel users of an address space: references, pins, and unmaps that make them let go. */
class AccessTest {
    private final Rig rig = new Rig();
    private final int ioas = rig.ioasAlloc();
    private final long va = rig.process.mmap(1 << 20, false);
    private final List<IommufdAccess> open = new ArrayList<>();
    private boolean deaf;
    private int warnings;

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).hasSize(warnings);
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    /** A driver that gives up the one range that it was told to hold. */
    private final class Holder implements AccessOps {
        private final boolean pins;
        private @Nullable IommufdAccess access;
        private final List<long[]> held = new ArrayList<>();
        private final List<Long> told = new ArrayList<>();

        Holder(boolean pins) {
            this.pins = pins;
        }

        @Override
        public boolean needsPinPages() {
            return pins;
        }

        @Override
        public @Nullable Call<?> unmap(long iova, long length) {
            told.add(iova);
            if (held.isEmpty() || deaf) {
                return null;
            }
            long[] range = held.remove(0);
            return AccessPin.unpin(access(), range[0], range[1]);
        }

        IommufdAccess access() {
            if (access == null) {
                throw new IllegalStateException("not created");
            }
            return access;
        }
    }

    private Holder create(boolean pins) {
        Holder holder = new Holder(pins);
        RefCell<IommufdAccess> result = new Local(rig).access;
        assertThat(rig.run(AccessLife.create(rig.ctx, holder, result))).isZero();
        holder.access = result.require();
        open.add(result.require());
        return holder;
    }

    private static final class Local extends Frame {
        final RefCell<IommufdAccess> access = ref();

        Local(Rig rig) {
            super(rig.simulation.world());
        }
    }

    private int pin(Holder holder, long iova, long length, boolean write) {
        return rig.run(AccessPin.pin(holder.access(), iova, length, write));
    }

    private void closeAll() {
        open.forEach(access -> assertThat(rig.run(AccessLife.destroy(access))).isZero());
        open.clear();
    }

    @Test
    void shouldHoldItsIoasAndBeBusyItself() {
        Holder holder = create(true);
        assertThat(holder.access().id()).isEqualTo(2);
        assertThat(rig.destroy(2)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(ioas)).isEqualTo(0);

        int next = rig.ioasAlloc();
        assertThat(rig.run(AccessIoas.attach(holder.access(), next))).isZero();
        assertThat(rig.run(AccessIoas.attach(holder.access(), next))).isEqualTo(Errno.EINVAL);
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.destroy(next)).isEqualTo(Errno.EBUSY);
        closeAll();
        assertThat(rig.destroy(2)).isEqualTo(Errno.ENOENT);
        assertThat(rig.destroy(next)).isZero();
    }

    @Test
    void shouldRaiseTheAlignmentWhileItIsAttached() {
        rig.map(ioas, va, 0x100, 0x10100);
        Holder pinning = create(true);
        Holder copying = create(false);
        assertThat(rig.run(AccessIoas.attach(pinning.access(), ioas))).isEqualTo(Errno.EADDRINUSE);
        assertThat(rig.run(AccessIoas.attach(copying.access(), ioas))).isZero();
        assertThat(rig.unmap(ioas, 0x10000, 0x1000)).isZero();
        assertThat(rig.run(AccessIoas.attach(pinning.access(), ioas))).isZero();
        assertThat(rig.map(ioas, va, 0x100, 0x10100)).isEqualTo(Errno.EINVAL);
        assertThat(rig.run(AccessIoas.detach(pinning.access()))).isZero();
        assertThat(rig.map(ioas, va, 0x100, 0x10100)).isZero();
        assertThat(pin(copying, 0x10100, 0x100, false)).isEqualTo(Errno.EINVAL);
        closeAll();
    }

    @Test
    void shouldCheckPinsInOrder() {
        Holder holder = create(true);
        assertThat(pin(holder, 0, 0, false)).isEqualTo(Errno.EINVAL);
        assertThat(pin(holder, -0x1000, 0x2000, false)).isEqualTo(Errno.EOVERFLOW);
        assertThat(pin(holder, 0, 0x1000, false)).isEqualTo(Errno.ENOENT);
        rig.run(AccessIoas.attach(holder.access(), ioas));
        assertThat(pin(holder, 0x1000, 0x1000, false)).isEqualTo(Errno.ENOENT);
        rig.map(ioas, va, 0x2000, 0x1000);
        rig.run(rig.ioctl(IoasMap.fixed(rig.ctx, ioas, rig.process, va + 0x2000, 0x1000, 1, 0x3000)));
        rig.map(ioas, va + (4 << 20), 0x1000, 0x4000);

        assertThat(pin(holder, 0x2000, 0x2000, true)).isEqualTo(Errno.EPERM);
        assertThat(pin(holder, 0x1000, 0x4000, false)).isEqualTo(Errno.EFAULT);
        assertThat(pin(holder, 0x1000, 0x8000, false)).isEqualTo(Errno.EFAULT);
        assertThat(pin(holder, 0x1800, 0x800, false)).isEqualTo(Errno.EINVAL);
        assertThat(rig.memory.pins(rig.process.translate(va))).isZero();
        assertThat(rig.process.pinnedPages()).isZero();
        assertThat(rig.unmap(ioas, 0, -1)).isZero();
        closeAll();
    }

    @Test
    void shouldPinOnceForAccessesAndDomainsTogether() {
        Holder holder = create(true);
        rig.run(AccessIoas.attach(holder.access(), ioas));
        rig.map(ioas, va, 0x4000, 0x10000);
        var pinned = AccessPin.pin(holder.access(), 0x11000, 0x2000, true);
        assertThat(rig.run(pinned)).isZero();
        assertThat(pinned.frame().frames())
                .containsExactly(rig.process.translate(va + 0x1000), rig.process.translate(va + 0x2000));
        assertThat(pin(holder, 0x11000, 0x2000, false)).isZero();
        assertThat(pin(holder, 0x12000, 0x1000, false)).isZero();
        assertThat(rig.process.pinnedPages()).isEqualTo(2);

        int hwpt = rig.hwptAlloc(rig.bind(rig.open(rig.plug("net0", 0x100))), ioas, false);
        assertThat(rig.process.pinnedPages()).isEqualTo(4);
        assertThat(rig.memory.pins(rig.process.translate(va + 0x1000))).isEqualTo(1);
        assertThat(rig.destroy(hwpt)).isZero();
        assertThat(rig.process.pinnedPages()).isEqualTo(2);

        rig.run(AccessPin.unpin(holder.access(), 0x11000, 0x2000));
        rig.run(AccessPin.unpin(holder.access(), 0x11000, 0x2000));
        assertThat(rig.process.pinnedPages()).isEqualTo(1);
        rig.run(AccessPin.unpin(holder.access(), 0x12000, 0x1000));
        assertThat(rig.process.pinnedPages()).isZero();
        assertThat(rig.unmap(ioas, 0, -1)).isZero();
        closeAll();
    }

    @Test
    void shouldMakeTheDriverLetGoBeforeItUnmaps() {
        Holder holder = create(true);
        rig.run(AccessIoas.attach(holder.access(), ioas));
        rig.map(ioas, va, 0x2000, 0x10000);
        for (int i = 0; i < 3; i++) {
            assertThat(pin(holder, 0x10000, 0x1000, true)).isZero();
            holder.held.add(new long[] {0x10000, 0x1000});
        }
        assertThat(rig.unmap(ioas, 0x10000, 0x2000)).isZero();
        assertThat(holder.told).containsExactly(0x10000L, 0x10000L, 0x10000L);
        assertThat(rig.process.pinnedPages()).isZero();
        closeAll();
    }

    @Test
    void shouldRefuseNewPinsOfAnAreaThatAnUnmapWaitsFor() {
        Holder holder = create(true);
        rig.run(AccessIoas.attach(holder.access(), ioas));
        rig.map(ioas, va, 0x2000, 0x10000);
        assertThat(pin(holder, 0x10000, 0x1000, true)).isZero();
        deaf = true;
        assertThat(rig.unmap(ioas, 0x10000, 0x2000)).isEqualTo(Errno.EDEADLOCK);
        warnings = 1;
        assertThat(pin(holder, 0x11000, 0x1000, true)).isEqualTo(Errno.EINVAL);
        assertThat(rw(holder, 0x10000, new byte[4], false)).isEqualTo(Errno.EINVAL);
        rig.run(AccessPin.unpin(holder.access(), 0x10000, 0x1000));
        assertThat(rig.unmap(ioas, 0x10000, 0x2000)).isZero();
        closeAll();
    }

    @Test
    void shouldLetGoOfEverythingWhenItMoves() {
        Holder holder = create(true);
        assertThat(rig.run(AccessIoas.replace(holder.access(), ioas))).isEqualTo(Errno.ENOENT);
        rig.run(AccessIoas.attach(holder.access(), ioas));
        rig.map(ioas, va, 0x1000, 0x10000);
        pin(holder, 0x10000, 0x1000, true);
        holder.held.add(new long[] {0x10000, 0x1000});
        int other = rig.ioasAlloc();
        rig.map(other, va, 0x100, 0x100);

        assertThat(rig.run(AccessIoas.replace(holder.access(), 999))).isEqualTo(Errno.ENOENT);
        rig.inject("iopt_add_access", "xa_alloc, iopt_calculate_iova_alignment", Errno.ENOMEM);
        assertThat(rig.run(AccessIoas.replace(holder.access(), other))).isEqualTo(Errno.ENOMEM);
        rig.inject("iopt_add_access", "xa_alloc, iopt_calculate_iova_alignment", 0);
        assertThat(rig.run(AccessIoas.replace(holder.access(), other))).isEqualTo(Errno.EADDRINUSE);
        assertThat(rig.process.pinnedPages()).isEqualTo(1);
        rig.unmap(other, 0, -1);
        assertThat(rig.run(AccessIoas.replace(holder.access(), other))).isZero();
        assertThat(rig.process.pinnedPages()).isZero();
        assertThat(rig.destroy(ioas)).isZero();
        assertThat(rig.destroy(other)).isEqualTo(Errno.EBUSY);
        closeAll();
    }

    @Test
    void shouldLockWhatTheKernelItselfPins() {
        RefCell<IommufdAccess> internal = new Local(rig).access;
        assertThat(rig.run(AccessLife.createInternal(rig.ctx, internal))).isZero();
        Ioas object = (Ioas) rig.ctx.objects().load(ioas);
        assertThat(rig.run(AccessIoas.attachInternal(internal.require(), object)))
                .isZero();
        rig.map(ioas, va, 0x2000, 0x10000);
        assertThat(rig.run(AccessPin.pin(internal.require(), 0x10000, 0x1000, false)))
                .isZero();

        assertThat(rig.unmap(ioas, 0x10000, 0x2000)).isEqualTo(Errno.EBUSY);
        assertThat(rig.unmap(ioas, 0, -1)).isEqualTo(Errno.EBUSY);
        assertThat(rig.run(AccessPin.unpin(internal.require(), 0x10000, 0x1000)))
                .isZero();
        assertThat(rig.run(AccessLife.destroy(internal.require()))).isZero();
        assertThat(rig.unmap(ioas, 0, -1)).isZero();
    }

    private int rw(Holder holder, long iova, byte[] data, boolean write) {
        return rig.run(AccessRw.call(holder.access(), rig.process, iova, data, write, false));
    }

    @Test
    void shouldCopyAcrossAreasAndStopAtTheFirstError() {
        Holder holder = create(false);
        assertThat(rw(holder, 0, new byte[1], false)).isEqualTo(Errno.ENOENT);
        rig.run(AccessIoas.attach(holder.access(), ioas));
        rig.map(ioas, va + 0x10, 0x1000, 0x10000);
        rig.run(rig.ioctl(IoasMap.fixed(rig.ctx, ioas, rig.process, va + 0x8000, 0x1000, 2, 0x11000)));

        assertThat(rw(holder, 0x10ffe, new byte[] {1, 2, 3, 4}, true)).isZero();
        assertThat(rig.memory.read(rig.process.translate(va + 0x100e), 2)).isEqualTo(0x201);
        assertThat(rig.memory.read(rig.process.translate(va + 0x8000), 2)).isEqualTo(0x403);
        byte[] data = new byte[3];
        assertThat(rw(holder, 0x10ffd, data, false)).isZero();
        assertThat(data).containsExactly(0, 1, 2);
        assertThat(rw(holder, 0x10ffe, data, false)).isEqualTo(Errno.EPERM);
        assertThat(rw(holder, 0x11ffe, data, true)).isEqualTo(Errno.ENOENT);
        assertThat(rw(holder, -1, data, true)).isEqualTo(Errno.EOVERFLOW);
        assertThat(rw(holder, 0x10000, new byte[0], true)).isEqualTo(Errno.EINVAL);
        closeAll();
    }

    @Test
    void shouldReleaseTheContextWithTheLastAccess() {
        Holder holder = create(true);
        rig.run(AccessIoas.attach(holder.access(), ioas));
        rig.closeContext();
        assertThat(rig.ctx.released()).isFalse();
        closeAll();
        assertThat(rig.ctx.released()).isTrue();
    }
}
