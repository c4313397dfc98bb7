package org.iommusim.hw.pcie;

import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The page request interface of a function. Each access that lacks its page makes a group of one request; at most so many
 * are outstanding, the others wait in order. A failure stops the interface until it is enabled again.
 */
public final class PageRequester {
    private static final int GROUPS = 512;

    private final Atc atc;
    private final PciFunction function;
    private final AtsLink link;
    private final int limit;
    private final Atc.@Nullable Use[] groups = new Atc.Use[GROUPS];
    private final Counter asked;
    private final IntCell enabled;
    private int outstanding;
    private int nextGroup;
    private boolean failed;
    private boolean unexpected;
    private Atc.@Nullable Use head;
    private Atc.@Nullable Use tail;

    PageRequester(
            World world, Atc atc, PciFunction function, AtsLink link, AtsSettings settings, Statistics statistics) {
        this.atc = atc;
        this.function = function;
        this.link = link;
        limit = settings.pageRequests();
        enabled = new IntCell(world, PciFunction.CONFIG_SPACE, world.nextInstance(), 0);
        asked = statistics.counter("page_requests", "requests", "page requests sent");
    }

    /** How many groups wait for their response. */
    public int outstanding() {
        return outstanding;
    }

    /** The response failure bit of the status: a response said so, and no more requests are made. */
    public boolean responseFailure() {
        return failed;
    }

    /** The unexpected page request group bit of the status: a response named a group that was not outstanding. */
    public boolean unexpectedGroup() {
        return unexpected;
    }

    /** The enable bit. */
    public boolean enabled() {
        return enabled.get() != 0;
    }

    /** Sets the enable bit; enabling clears the status. */
    public void setEnabled(boolean on) {
        enabled.set(on ? 1 : 0);
        if (on) {
            failed = false;
            unexpected = false;
        }
    }

    /** Sends a stop marker: no more requests of this PASID are under way. */
    public void stop(int pasid) {
        link.requestPage(new PageRequest(function.requesterId(), pasid, 0, 0, true, false, false, false, false));
    }

    /** Asks for the page of an access, now or when a group is free; false if the interface is off. */
    boolean ask(Atc.Use use) {
        if (!enabled() || failed || limit == 0) {
            return false;
        }
        if (outstanding < limit) {
            send(use);
        } else {
            use.next = null;
            if (tail == null) {
                head = use;
            } else {
                tail.next = use;
            }
            tail = use;
        }
        return true;
    }

    private void send(Atc.Use use) {
        while (groups[nextGroup] != null) {
            nextGroup = (nextGroup + 1) % GROUPS;
        }
        int group = nextGroup;
        nextGroup = (nextGroup + 1) % GROUPS;
        groups[group] = use;
        outstanding++;
        asked.increment();
        DmaRequest r = use.request();
        boolean substream = r.pasid() >= 0;
        link.requestPage(new PageRequest(
                function.requesterId(),
                r.pasid(),
                r.iova() & -1L << 12,
                group,
                true,
                !r.write(),
                r.write(),
                substream && r.execute(),
                substream && r.privileged()));
    }

    void responded(int group, PageResponse response) {
        Atc.Use use = groups[group];
        if (use == null) {
            unexpected = true;
            return;
        }
        groups[group] = null;
        outstanding--;
        if (response == PageResponse.RESPONSE_FAILURE) {
            failed = true;
        }
        if (response == PageResponse.SUCCESS) {
            atc.askAgain(use);
        } else {
            atc.refuse(use);
        }
        next();
    }

    private void next() {
        while (head != null && (failed || outstanding < limit)) {
            Atc.Use use = head;
            head = use.next;
            use.next = null;
            if (head == null) {
                tail = null;
            }
            if (failed) {
                atc.refuse(use);
            } else {
                send(use);
            }
        }
    }

    /** Forgets everything, and is off again: the function is gone. */
    void reset() {
        enabled.set(0);
        for (int group = 0; group < GROUPS; group++) {
            groups[group] = null;
        }
        outstanding = 0;
        head = null;
        tail = null;
    }
}
