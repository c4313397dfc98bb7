package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.eventq.Veventq;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.DestroyObject;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.QueueFile;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.event.ExploringChoice;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.api.Test;

/** Faults and events against reads, answers, detaches and the end of their queues, in many orders. */
class EventqRaceTest {
    private static final int ORDERS = 300;
    private static final int TYPE = 3;

    private static final class Setup {
        final Rig rig;
        final VfioFile file;
        final int dev;
        final int viommu;
        final Fault fault;
        final QueueFile queue;
        final int hwpt;
        final int plain;
        private final RandomStream random;
        private int favourite;

        Setup(long seed) {
            random = new RandomStreams(seed).split("order");
            rig = new Rig(
                    new ExploringChoice(alternatives -> choose(alternatives)),
                    Kernels.LINUX_7_3.withWakeReachingWaiter());
            file = rig.open(rig.plug("net0", 0x100));
            dev = rig.bind(file);
            int ioas = rig.ioasAlloc();
            viommu = rig.viommuAlloc(dev, rig.hwptAlloc(dev, ioas, true));
            fault = rig.faultQueueAlloc();
            queue = new QueueFile(rig, fault);
            hwpt = rig.hwptAlloc(dev, ioas, HwptPagingAlloc.FAULT_ID_VALID, fault.id());
            plain = rig.hwptAlloc(dev, ioas, false);
        }

        private int choose(int alternatives) {
            if (random.chance(1, 8)) {
                favourite = (int) random.nextLong(alternatives);
            }
            return Math.min(favourite, alternatives - 1);
        }

        Call<?> request(int group) {
            return rig.driver.pageRequest(0, new IommuFault(IommuFault.LAST_PAGE, 0, group, IommuFault.READ, 0x1000));
        }

        Call<?> destroy(int id) {
            return rig.ioctl(DestroyObject.call(rig.ctx, id));
        }

        Veventq veventq() {
            List<Veventq> made = new ArrayList<>();
            assertThat(rig.veventqAlloc(viommu, TYPE, 1, made::add)).isZero();
            return made.get(0);
        }

        Call<?> event(Veventq veventq) {
            return ((Viommu) veventq.viommu()).reportEvent(TYPE, new byte[4]);
        }
    }

    private static Set<String> outcomes(
            Function<Setup, List<Call<?>>> calls, Consumer<Setup> afterwards, String... expectedViolations) {
        Set<String> outcomes = new TreeSet<>();
        for (int order = 0; order < ORDERS; order++) {
            Setup setup = new Setup(order);
            List<String> answers = new ArrayList<>();
            for (Call<?> call : calls.apply(setup)) {
                int index = answers.size();
                answers.add("asleep");
                setup.rig.start(call, errno -> answers.set(index, Errno.name(errno)));
            }
            setup.rig.settle();
            List<String> violations = new ArrayList<>(setup.rig.violations());
            boolean known = false;
            for (String expected : expectedViolations) {
                known |= violations.removeIf(v -> v.startsWith(expected));
            }
            outcomes.add(known ? answers + " use after free" : answers.toString());
            assertThat(violations).as("order %d: %s", order, answers).isEmpty();
            assertThat(setup.rig.footprints.undeclared()).isEmpty();
            if (!known) {
                afterwards.accept(setup);
                assertThat(setup.rig.audit()).as("order %d: %s", order, answers).isEmpty();
            }
        }
        return outcomes;
    }

    /** Every group gets exactly one answer, whoever gives it. */
    private static void answeredOnce(Setup s, int... groups) {
        assertThat(s.rig.driver.responses().stream().map(r -> r.split(" ")[1]).sorted())
                .containsExactlyElementsOf(
                        Arrays.stream(groups).mapToObj(Integer::toString).toList());
    }

    @Test
    void shouldAnswerEachGroupOnceWhenUserSpaceAndADetachBothWantTo() {
        assertThat(outcomes(
                        s -> {
                            assertThat(s.rig.attach(s.file, s.hwpt)).isZero();
                            assertThat(s.rig.run(s.request(1))).isZero();
                            assertThat(s.rig.run(s.request(2))).isZero();
                            assertThat(s.queue.read(40)).isEqualTo(40);
                            return List.of(s.queue.writing(1, 0), s.queue.reading(40), Vfio.detach(s.file));
                        },
                        s -> answeredOnce(s, 1, 2)))
                .contains("[EINVAL, OK, OK]", "[OK, OK, OK]");
    }

    /**
     * The fault path finds the handle and goes on without a reference, and until the handler has taken its group over the
     * core answers and frees it for a device that leaves its fault queue. A driver that does not drain its reports between
     * the switch of domains and the free of the handle leaves them with freed memory; this one does not drain.
     */
    @Test
    void shouldShowThatAReportOutlivesItsAttachment() {
        assertThat(outcomes(
                        s -> {
                            assertThat(s.rig.attach(s.file, s.hwpt)).isZero();
                            return List.of(s.request(1), s.rig.attaching(s.file, s.plain));
                        },
                        // None, if the group came into the queue after its handle was gone: the device waits.
                        s -> assertThat(s.rig.driver.responses()).hasSizeLessThanOrEqualTo(1),
                        "use-after-free: ",
                        "WARN: iommu_report_device_fault"))
                .contains("[EINVAL, OK]", "[OK, OK]", "[OK, OK] use after free");
    }

    @Test
    void shouldDestroyAQueueWhileItsFileIsClosed() {
        assertThat(outcomes(
                        s -> {
                            assertThat(s.rig.destroy(s.hwpt)).isZero();
                            return List.of(s.queue.closing(), s.destroy(s.fault.id()));
                        },
                        s -> {}))
                .containsExactly("[OK, EBUSY]", "[OK, OK]");
    }

    @Test
    void shouldReportAnEventWhileItsQueueIsDestroyed() {
        assertThat(outcomes(
                        s -> {
                            Veventq veventq = s.veventq();
                            s.rig.run(SystemCall.close(veventq.file().require()));
                            return List.of(s.event(veventq), s.event(veventq), s.destroy(veventq.id()));
                        },
                        s -> {}))
                .contains("[EOPNOTSUPP, EOPNOTSUPP, OK]", "[OK, OK, OK]");
    }

    /**
     * The destroy of a queue lets the vIOMMU go before it has left the semaphore that is part of the vIOMMU: a vIOMMU that is
     * destroyed in between takes it along.
     */
    @Test
    void shouldShowThatAQueueLeavesItsViommuTooEarly() {
        assertThat(outcomes(
                        s -> {
                            Veventq veventq = s.veventq();
                            s.rig.run(SystemCall.close(veventq.file().require()));
                            return List.of(s.destroy(veventq.id()), s.destroy(s.viommu));
                        },
                        s -> {},
                        "use-after-free: task 0"))
                .contains("[OK, EBUSY]", "[OK, OK]", "[OK, OK] use after free");
    }
}
