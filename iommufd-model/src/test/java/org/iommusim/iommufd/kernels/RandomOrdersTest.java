package org.iommusim.iommufd.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.event.ExploringChoice;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which kernels survive which race, over many random orders: what is reported, and whether somebody never ends. */
class RandomOrdersTest {
    private static final int ORDERS = 150;
    private static final long VIRT_ID = 8;

    /** A machine of one kernel in the middle of one order of steps. */
    private static final class Setup {
        final Rig rig;
        final VfioFile file;
        final int dev;
        final int other;
        final int viommu;
        private final RandomStream random;
        private int favourite;

        Setup(String kernel, long seed) {
            random = new RandomStreams(seed).split("order");
            rig = new Rig(
                    new ExploringChoice(alternatives -> choose(alternatives)),
                    Kernels.find(kernel).orElseThrow());
            file = rig.open(rig.plug("net0", 0x100));
            dev = rig.bind(file);
            other = rig.bind(rig.open(rig.plug("net1", 0x108)));
            viommu = rig.viommuAlloc(dev, rig.hwptAlloc(dev, rig.ioasAlloc(), true));
        }

        /** One task runs for a while, then another one. */
        private int choose(int alternatives) {
            if (random.chance(1, 8)) {
                favourite = (int) random.nextLong(alternatives);
            }
            return Math.min(favourite, alternatives - 1);
        }

        Setup with(boolean vdevice) {
            if (vdevice) {
                rig.vdeviceAlloc(viommu, dev, VIRT_ID);
            }
            return this;
        }

        int vdev() {
            return viommu + 1;
        }

        Call<?> alloc(int device) {
            return rig.ioctl(VdeviceAlloc.call(rig.ctx, viommu, device, VIRT_ID));
        }

        Call<?> destroy() {
            return rig.ioctl(ObjectPrograms.destroy(rig.ctx, vdev()));
        }

        Call<?> lookUp(int id) {
            return rig.ioctl(HwptInvalidate.call(
                    rig.ctx, id, UserData.ofWords(1, new long[] {VIRT_ID}).array(8)));
        }

        Call<?> unbind() {
            rig.closed();
            return Vfio.close(file);
        }
    }

    /** What all orders together report: names of checks, and {@code asleep} if a task never ends. */
    private static String reports(String kernel, boolean vdevice, Function<Setup, List<Call<?>>> calls) {
        Set<String> reports = new TreeSet<>();
        for (int order = 0; order < ORDERS; order++) {
            Setup setup = new Setup(kernel, order).with(vdevice);
            List<Task> tasks = new ArrayList<>();
            calls.apply(setup).forEach(call -> tasks.add(setup.rig.start(call, errno -> {})));
            setup.rig.settle();
            setup.rig.violations().stream()
                    .filter(v -> !v.startsWith("WARN: iommufd_object_finalize"))
                    .forEach(v -> reports.add(v.substring(0, v.indexOf(':'))));
            if (!tasks.stream().allMatch(Task::idle)) {
                reports.add("asleep");
            }
            assertThat(setup.rig.footprints.undeclared()).as("order %d", order).isEmpty();
            if (reports.isEmpty()) {
                assertThat(setup.rig.audit()).as("order %d", order).isEmpty();
            }
        }
        return reports.isEmpty() ? "none" : String.join(" ", reports);
    }

    /**
     * Linux 6.17 and 7.3: an allocation ends with mutex_unlock of the igroup's lock, and the reference that would keep the
     * igroup belongs to the new vDEVICE by then.
     */
    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, nullValues = "-", textBlock = """
        kernel,            destroy,             alloc,          two allocs, look-up
        v5-posted,         WARN use-after-free, WARN,           WARN,       WARN
        v5-review,         none,                none,           WARN,       none
        v5-review-literal, none,                none,           WARN,       none
        zombie,            use-after-free,      none,           none,       none
        linux-6.13,        none,                none,           none,       none
        rfc1-auto-destroy, none,                WARN asleep,    WARN,       none
        xu-v2,             use-after-free,      none,           none,       none
        xu-v3,             use-after-free,      none,           none,       none
        linux-6.17,        none,                use-after-free, none,       none
        linux-7.3,         none,                use-after-free, none,       none
        """)
    void shouldReport(String kernel, String destroy, String alloc, String twoAllocs, String lookUp) {
        assertThat(List.of(
                        reports(kernel, true, s -> List.of(s.destroy(), s.unbind())),
                        reports(kernel, false, s -> List.of(s.alloc(s.dev), s.unbind())),
                        reports(kernel, false, s -> List.of(s.alloc(s.dev), s.alloc(s.other))),
                        reports(kernel, true, s -> List.of(s.lookUp(s.vdev()), s.unbind()))))
                .containsExactly(destroy, alloc, twoAllocs, lookUp);
    }
}
