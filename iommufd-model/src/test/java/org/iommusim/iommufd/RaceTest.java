package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.ioctl.GetHwInfo;
import org.iommusim.iommufd.ioctl.IoasAlloc;
import org.iommusim.iommufd.ioctl.IoasMap;
import org.iommusim.iommufd.ioctl.IoasUnmap;
import org.iommusim.iommufd.ioctl.IommufdFile;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.event.ExploringChoice;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.api.Test;

/** Calls against each other in many orders: no warning, no use after free, every reference accounted for. */
class RaceTest {
    private static final int ORDERS = 400;
    private static final long VIRT_ID = 8;
    private static final long PAGE = 4096;

    /** A machine with a vIOMMU, in the middle of one order of steps. */
    private static final class Setup {
        final Rig rig;
        final VfioFile file;
        final int dev;
        final int ioas;
        final int parent;
        final int viommu;
        private final RandomStream random;
        private final boolean fair;
        private int favourite;

        Setup(long seed) {
            random = new RandomStreams(seed).split("order");
            fair = seed % 4 == 0;
            // A remover that only its timer wakes hides races behind the 60 s: half of the orders wake it.
            rig = new Rig(
                    new ExploringChoice(alternatives -> choose(alternatives)),
                    seed % 2 == 0 ? Kernels.LINUX_7_3 : Kernels.LINUX_7_3.withWakeReachingWaiter());
            file = rig.open(rig.plug("net0", 0x100));
            dev = rig.bind(file);
            ioas = rig.ioasAlloc();
            parent = rig.hwptAlloc(dev, ioas, true);
            viommu = rig.viommuAlloc(dev, parent);
        }

        /** Fair in some orders; in others one task runs for a while, then another one. */
        private int choose(int alternatives) {
            if (fair || random.chance(1, 12)) {
                favourite = (int) random.nextLong(alternatives);
            }
            return Math.min(favourite, alternatives - 1);
        }

        Call<?> vdeviceAlloc(long virtId) {
            return rig.ioctl(VdeviceAlloc.call(rig.ctx, viommu, dev, virtId));
        }

        Call<?> destroy(int id) {
            return rig.ioctl(ObjectPrograms.destroy(rig.ctx, id));
        }

        Call<?> unbind() {
            rig.closed();
            return Vfio.close(file);
        }
    }

    /**
     * The one thing that Linux 7.3 does wrong here. An allocation ends with mutex_unlock of the igroup's lock, and the
     * reference that would keep the igroup belongs to the new vDEVICE by then: an unbind that gets the lock may free the
     * igroup before the allocating task has left mutex_unlock.
     */
    private static final String UNLOCK_OF_A_FREED_GROUP =
            "use-after-free: task 0 last touches igroup->lock after it was freed by task 1";

    /** Runs the calls against each other in many orders and collects their answers, e.g. {@code [OK, EBUSY]}. */
    private static Set<String> outcomes(BiFunction<Setup, Integer, List<Call<?>>> calls, boolean prepareVdevice) {
        Set<String> outcomes = new TreeSet<>();
        for (int order = 0; order < ORDERS; order++) {
            Setup setup = new Setup(order);
            int vdev = prepareVdevice ? setup.rig.vdeviceAlloc(setup.viommu, setup.dev, VIRT_ID) : 0;
            List<String> answers = new ArrayList<>();
            for (Call<?> call : calls.apply(setup, vdev)) {
                int index = answers.size();
                answers.add("asleep");
                setup.rig.start(call, errno -> answers.set(index, Errno.name(errno)));
            }
            setup.rig.settle();
            List<String> violations = new ArrayList<>(setup.rig.violations());
            if (violations.removeIf(found -> found.startsWith(UNLOCK_OF_A_FREED_GROUP))) {
                answers.add("UAF in unlock");
            }
            outcomes.add(answers.toString());
            assertThat(violations).as("order %d: %s", order, answers).isEmpty();
            assertThat(setup.rig.footprints.undeclared()).isEmpty();
            if (!setup.rig.ctx.released()) {
                assertThat(setup.rig.audit()).as("order %d: %s", order, answers).isEmpty();
            }
        }
        return outcomes;
    }

    @Test
    void shouldUnbindWhileUserSpaceDestroysTheVdevice() {
        // EBUSY: unbind holds the vDEVICE for a moment. ENOENT: it was faster.
        assertThat(outcomes((s, vdev) -> List.of(s.destroy(vdev), s.unbind()), true))
                .containsExactly("[EBUSY, OK]", "[ENOENT, OK]", "[OK, OK]");
    }

    @Test
    void shouldUnbindWhileUserSpaceAllocatesAVdevice() {
        assertThat(outcomes((s, vdev) -> List.of(s.vdeviceAlloc(VIRT_ID), s.unbind()), false))
                .containsExactly("[ENOENT, OK]", "[OK, OK, UAF in unlock]", "[OK, OK]");
    }

    @Test
    void shouldGiveTheDeviceToOneOfTwoAllocations() {
        assertThat(outcomes((s, vdev) -> List.of(s.vdeviceAlloc(VIRT_ID), s.vdeviceAlloc(VIRT_ID)), false))
                .containsExactly("[EEXIST, OK]", "[OK, EEXIST]");
    }

    @Test
    void shouldDestroyOnce() {
        // EBUSY cannot be: destroyers take no reference that another one sees.
        assertThat(outcomes((s, vdev) -> List.of(s.destroy(vdev), s.destroy(vdev)), true))
                .containsExactly("[ENOENT, OK]", "[OK, ENOENT]");
    }

    @Test
    void shouldNotWarnWhenAnIdIsReusedMeanwhile() {
        assertThat(outcomes(
                        (s, vdev) -> List.of(s.destroy(vdev), s.unbind(), s.rig.ioctl(IoasAlloc.call(s.rig.ctx))),
                        true))
                .containsExactly("[EBUSY, OK, OK]", "[ENOENT, OK, OK]", "[OK, OK, OK]");
    }

    @Test
    void shouldWaitForIoctlsThatUseTheDevice() {
        assertThat(outcomes((s, vdev) -> List.of(s.rig.ioctl(GetHwInfo.call(s.rig.ctx, s.dev)), s.unbind()), false))
                .containsExactly("[ENOENT, OK]", "[OK, OK]");
    }

    @Test
    void shouldKeepTheViommuOrItsVdevice() {
        assertThat(outcomes((s, vdev) -> List.of(s.vdeviceAlloc(VIRT_ID), s.destroy(s.viommu)), false))
                .containsExactly("[ENOENT, OK]", "[OK, EBUSY]");
    }

    @Test
    void shouldReleaseTheContextWhoeverIsLast() {
        assertThat(outcomes(
                        (s, vdev) -> {
                            s.rig.closed();
                            return List.of(s.unbind(), IommufdFile.close(s.rig.ctx));
                        },
                        true))
                .containsExactly("[OK, OK]");
    }

    /** Between two areas an unmap holds no lock: what is mapped behind it then is not its own. */
    @Test
    void shouldLeaveAloneWhatIsMappedBehindAnUnmap() {
        assertThat(outcomes(
                        (s, vdev) -> {
                            long va = s.rig.process.mmap(PAGE, false);
                            assertThat(s.rig.map(s.ioas, va, PAGE, PAGE)).isZero();
                            assertThat(s.rig.map(s.ioas, va, PAGE, 2 * PAGE)).isZero();
                            return List.of(
                                    s.rig.ioctl(IoasUnmap.call(s.rig.ctx, s.ioas, PAGE, 2 * PAGE)),
                                    s.rig.ioctl(IoasMap.fixed(
                                            s.rig.ctx, s.ioas, s.rig.process, va, PAGE, PagingDomain.PROT_READ, PAGE)));
                        },
                        false))
                .containsExactly("[OK, EEXIST]", "[OK, OK]");
    }

    @Test
    void shouldDetachWhileTheAutomaticHwptIsShared() {
        Set<String> outcomes = new TreeSet<>();
        for (int order = 0; order < ORDERS; order++) {
            Setup s = new Setup(order);
            VfioFile second = s.rig.open(s.rig.plug("net1", 0x108));
            s.rig.bind(second);
            assertThat(s.rig.attach(s.file, s.ioas)).isZero();
            List<Integer> answers = new ArrayList<>();
            s.rig.start(Vfio.detach(s.file), answers::add);
            s.rig.start(Vfio.attach(second, s.ioas), answers::add);
            s.rig.settle();
            outcomes.add(answers.toString());
            assertThat(s.rig.violations()).isEmpty();
            assertThat(s.rig.audit()).isEmpty();
            assertThat(s.rig.destroy(s.ioas)).isEqualTo(Errno.EBUSY);
        }
        assertThat(outcomes).containsExactly("[0, 0]");
    }
}
