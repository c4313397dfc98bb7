package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operations while a device does not stop its DMA: what it may meet, and what it may never meet. */
class LiveTrafficTest {
    private static final long PAGE = 0x1000;
    private static final int BOTH = 3;

    private final DriverTestbed bed = DriverTestbed.real(Map.of("sid_bits", 8L));

    /** A DMA every so often, for as long as it is on. */
    private final class Traffic implements EventHandler {
        final List<DmaRequest> done = new ArrayList<>();
        private final IommuMaster master;
        private final long iova;
        private final long everyPs;
        private final Lane lane = bed.sim.scheduler().newLane("traffic", Phase.HARDWARE);
        private boolean on = true;
        private long count;

        Traffic(IommuMaster master, long iova, long everyPs) {
            this.master = master;
            this.iova = iova;
            this.everyPs = everyPs;
            bed.sim.scheduler().after(lane, everyPs, this, 0, 0);
        }

        @Override
        public void onEvent(int op, long arg) {
            DmaRequest request = new DmaRequest();
            request.begin(count++, master.function().requesterId(), DmaRequest.NO_PASID, iova, 8, true, bed.sim.now());
            master.function().issue(request, done::add);
            if (on) {
                bed.sim.scheduler().after(lane, everyPs, this, 0, 0);
            }
        }
    }

    /** Runs a program beside the traffic. */
    private void beside(Call<?> call) {
        List<Integer> answer = bed.start(call);
        long from = bed.sim.now();
        for (long until = from; answer.isEmpty() && until < from + 2_000_000_000L; until += 100_000) {
            bed.sim.scheduler().runUntil(until);
        }
        assertThat(answer).containsExactly(0);
    }

    @ParameterizedTest
    @ValueSource(longs = {90_000, 310_000, 1_700_000})
    void shouldNeverTranslateByAMixWhileChangingDomains(long everyPs) {
        bed.ok(bed.driver.probe());
        IommuMaster master = bed.master(5);
        long iova = DriverTestbed.DATA + 0x50_0000;
        List<IommuDomain> domains = new ArrayList<>(List.of(bed.driver.blockedDomain(), bed.driver.identityDomain()));
        List<Long> allowed = new ArrayList<>(List.of(iova));
        for (int i = 0; i < 4; i++) {
            Smmuv3PagingDomain domain = i < 2 ? bed.paging(0) : bed.parent();
            long target = DriverTestbed.DATA + (i + 1) * PAGE;
            bed.ok(domain.mapPages(iova, target, PAGE, BOTH));
            domains.add(domain);
            allowed.add(target);
        }
        Gen gen = new Gen(everyPs);
        Traffic traffic = new Traffic(master, iova, everyPs);
        for (int i = 0; i < 25; i++) {
            IommuDomain next = gen.pick(domains);
            beside(bed.driver.attachDev(master, next));
            // From now on only the new domain counts for what the device issues.
            int from = traffic.done.size() + 600_000 / (int) everyPs + 2;
            bed.sim.scheduler().runUntil(bed.sim.now() + 2_000_000);
            for (DmaRequest request : traffic.done.subList(Math.min(from, traffic.done.size()), traffic.done.size())) {
                long wanted = switch (next.type()) {
                    case BLOCKED -> -1;
                    case IDENTITY -> iova;
                    default -> ((Smmuv3PagingDomain) next).iovaToPhys(iova);
                };
                assertThat(request.outcome().completed() ? request.physicalAddress() : -1)
                        .isEqualTo(wanted);
            }
        }
        traffic.on = false;
        bed.sim.scheduler().run();

        assertThat(traffic.done.size()).isGreaterThan(30);
        for (DmaRequest request : traffic.done) {
            if (request.outcome().completed()) {
                assertThat(request.physicalAddress()).isIn(allowed);
            } else {
                assertThat(request.outcome()).isIn(DmaOutcome.ABORT, DmaOutcome.FAULT);
            }
        }
        // While an entry is rewritten it may be invalid, and nothing else.
        assertThat(bed.events).allMatch(e -> e.equals("C_BAD_STE sid=0x5"));
        bed.assertClean();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldNotTouchAPageThatWasGivenBackAfterTheSync(int flags) {
        bed.ok(bed.driver.probe());
        IommuMaster master = bed.master(5);
        Smmuv3PagingDomain domain = bed.paging(flags);
        bed.ok(bed.driver.attachDev(master, domain));
        Traffic traffic = new Traffic(master, 0x7000, 130_000);
        for (int i = 0; i < 15; i++) {
            long page = bed.pages.allocate(PageOwner.PROCESS);
            beside(domain.mapPages(0x7000, page, PAGE, BOTH));
            bed.sim.scheduler().runUntil(bed.sim.now() + 1_000_000);
            beside(domain.unmapPages(0x7000, PAGE));
            beside(domain.iotlbSync());
            bed.pages.free(page, 1);
        }
        traffic.on = false;
        bed.sim.scheduler().run();

        assertThat(traffic.done.stream()
                        .filter(r -> r.outcome() == DmaOutcome.OK)
                        .count())
                .isGreaterThan(50);
        bed.assertClean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotTouchAGuestsPageAfterEitherSideTookItAway(boolean byGuest) {
        bed.ok(bed.driver.probe());
        IommuMaster master = bed.master(5);
        Smmuv3PagingDomain parent = bed.parent();
        bed.ok(parent.mapPages(0, DriverTestbed.DATA, 0x80_0000, BOTH));
        DriverTestbed.Core core = bed.new Core();
        core.devices.put(9L, master);
        VirtualIommu viommu = bed.viommu(parent, core);
        GuestIommu guest = bed.driver.newGuest(bed.new Guest(DriverTestbed.DATA), "vm0");
        bed.ok(guest.attach(9));
        bed.ok(bed.driver.attachDev(master, bed.nested(viommu, guest.hwptData(9))));
        Traffic traffic = new Traffic(master, 0x3000, 170_000);
        long ipa = 0x100_0000;
        for (int i = 0; i < 10; i++) {
            long page = bed.pages.allocate(PageOwner.PROCESS);
            beside(parent.mapPages(ipa, page, PAGE, BOTH));
            beside(guest.map(9, 0x3000, ipa, PAGE, BOTH));
            bed.sim.scheduler().runUntil(bed.sim.now() + 1_500_000);
            RefCell<UserData> commands = bed.result();
            if (byGuest) {
                beside(guest.unmap(9, 0x3000, PAGE, commands));
                beside(viommu.cacheInvalidate(commands.require().array(16), bed.number()));
            }
            beside(parent.unmapPages(ipa, PAGE));
            beside(parent.iotlbSync());
            bed.pages.free(page, 1);
            if (!byGuest) {
                beside(guest.unmap(9, 0x3000, PAGE, commands));
                beside(viommu.cacheInvalidate(commands.require().array(16), bed.number()));
            }
        }
        traffic.on = false;
        bed.sim.scheduler().run();

        assertThat(traffic.done.stream()
                        .filter(r -> r.outcome() == DmaOutcome.OK)
                        .count())
                .isGreaterThan(50);
        bed.assertClean();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldNotWalkTablesThatWereFreed(int flags) {
        bed.ok(bed.driver.probe());
        IommuMaster master = bed.master(5);
        List<Smmuv3PagingDomain> domains = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            domains.add(bed.paging(flags));
        }
        Traffic traffic = new Traffic(master, 0x7000, 110_000);
        for (Smmuv3PagingDomain domain : domains) {
            beside(domain.mapPages(0, DriverTestbed.DATA + PAGE, 0x40_0000, BOTH));
            beside(bed.driver.attachDev(master, domain));
            bed.sim.scheduler().runUntil(bed.sim.now() + 2_000_000);
            beside(domain.unmapPages(0, 0x20_0000));
            beside(domain.iotlbSync());
            beside(bed.driver.attachDev(master, bed.driver.blockedDomain()));
            beside(bed.driver.domainFree(domain));
        }
        traffic.on = false;
        bed.sim.scheduler().run();

        assertThat(traffic.done.stream()
                        .filter(r -> r.outcome() == DmaOutcome.OK)
                        .count())
                .isGreaterThan(50);
        bed.assertClean();
    }
}
