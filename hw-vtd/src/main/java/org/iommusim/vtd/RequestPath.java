package org.iommusim.vtd;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pipeline.Door;
import org.iommusim.hw.pipeline.OrderLists;
import org.iommusim.hw.pipeline.RefusedSource;
import org.iommusim.hw.pipeline.WaitingList;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.time.ClockEdges;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Irte;

/**
 * In and out of the unit: admits requests, takes their beats at the port from the devices, lets them pass while translation is
 * off, tells interrupt messages from DMA, and hands what is translated to the port to memory.
 */
final class RequestPath implements EventHandler {
    private static final int OP_ADMITTED = 0;
    private static final int OP_PORT = 1;
    private static final int OP_RECEIVED = 2;
    private static final int OP_LEFT = 3;
    private static final int OP_ORDER = 5;

    private final VtdDevice device;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final RequestPort memoryPort;
    private final Door<Flight> door;
    private final boolean inOrder;
    private final OrderLists<Flight> order = new OrderLists<>();
    private final Slots port;
    private final RefusedSource refused;

    RequestPath(VtdDevice device, Simulation sim, String name, VtdParameters p, RequestPort memoryPort) {
        this.device = device;
        this.memoryPort = memoryPort;
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        door = new Door<>(p.value("request_slots"), p.value("write_beats"), false);
        inOrder = p.flag("in_order");
        port = new Slots(scheduler, name + " port", 1, p.wakeRule());
        refused = new RefusedSource(scheduler, edges, scheduler.newLane(name + " retries", Phase.HARDWARE));
    }

    // ---- in

    void accept(Flight flight) {
        if (door.enter(flight)) {
            receive(flight);
        }
    }

    /** True if a request with so many beats of data of its own need not wait at the door. */
    boolean hasRoom(int dataBeats) {
        return door.hasRoom(dataBeats);
    }

    /** Whoever found no room here. */
    RefusedSource refused() {
        return refused;
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_ADMITTED -> receive(flight);
            case OP_PORT -> after(flight, flight.beats, OP_RECEIVED);
            case OP_RECEIVED -> received(flight);
            case OP_LEFT -> finish(flight);
            case OP_ORDER -> leaveInOrder(flight);
            default -> throw new IllegalArgumentException("request path op " + op);
        }
    }

    private void after(Flight flight, int cycles, int op) {
        scheduler.at(flight.lane, edges.after(scheduler.now(), cycles), this, op, flight.id);
    }

    private void receive(Flight flight) {
        if (port.take(flight.lane, this, OP_PORT, flight.id)) {
            after(flight, flight.beats, OP_RECEIVED);
        }
    }

    private void received(Flight flight) {
        port.release();
        flight.receivedAt = scheduler.now();
        if (InterruptRemapping.isMessage(flight.request())) {
            flight.message = true;
            device.interruptRemapping().remap(flight);
            return;
        }
        if (inOrder && flight.type != AddressType.TRANSLATION_REQUEST) {
            order.add(flight);
        }
        if (touchesInterrupts(flight)) {
            // Only messages may go there; nothing is recorded.
            flight.fail(DmaOutcome.ABORT, FaultReason.NONE);
            answered(flight);
        } else if (device.registers().translationEnabled()) {
            device.configs().start(flight);
        } else {
            disabled(flight);
        }
    }

    /** With a PASID an address is never that of an interrupt. */
    private static boolean touchesInterrupts(Flight flight) {
        return flight.substream < 0 && flight.type != AddressType.TRANSLATED && Irte.isMessage(flight.iova);
    }

    /** TES=0: requests pass, except for what protected memory regions hold back, and there is no device TLB. */
    private void disabled(Flight flight) {
        if (flight.type != AddressType.UNTRANSLATED
                || flight.iova >>> device.hostAddressBits() != 0
                || device.registers()
                        .protectedMemory()
                        .blocks(flight.iova, flight.request().bytes())) {
            flight.fail(DmaOutcome.ABORT, FaultReason.NONE);
        } else {
            flight.outcome = DmaOutcome.BYPASS;
            flight.output = flight.iova;
        }
        answered(flight);
    }

    // ---- out

    /** A flight has its answer, or has failed. */
    void answered(Flight flight) {
        if (flight.pageRequest != null) {
            device.pageRequestChecked(flight);
        } else {
            leaveInOrder(flight);
        }
    }

    /** Who has somebody older of its order in front of it waits until one leaves, and looks again. */
    private void leaveInOrder(Flight flight) {
        if (flight.ordered) {
            if (order.hasOlder(flight)) {
                flight.request().enter(Station.ORDER_WAIT, scheduler.now());
                order.waiters(flight).add(flight);
                return;
            }
            order.remove(flight);
            wakeWaiters(flight);
        }
        leave(flight);
    }

    private void wakeWaiters(Flight flight) {
        WaitingList<Flight> waiters = order.waiters(flight);
        for (Flight f = waiters.poll(); f != null; f = waiters.poll()) {
            scheduler.after(f.lane, 0, this, OP_ORDER, f.id);
        }
    }

    private void leave(Flight flight) {
        if (flight.failed() || flight.type == AddressType.TRANSLATION_REQUEST) {
            finish(flight);
        } else {
            flight.request().enter(Station.PORT, scheduler.now());
            int beats =
                    memoryPort.beats(flight.request().bytes(), flight.request().write());
            memoryPort.pass(flight.lane, beats, this, OP_LEFT, flight.id);
        }
    }

    private void finish(Flight flight) {
        door.leave(flight);
        for (Flight next = door.admitNext(); next != null; next = door.admitNext()) {
            scheduler.after(next.lane, 0, this, OP_ADMITTED, next.id);
        }
        refused.invite();
        device.translated(flight);
    }

    /** An interrupt message is through. */
    void remapped(Flight flight) {
        finish(flight);
    }
}
