package org.iommusim.sim.event;

class NearEventQueueFifoTest extends EventQueueContract {

    NearEventQueueFifoTest() {
        super(TieOrder.FIFO);
    }

    @Override
    EventQueue create(TieOrder order, int initialCapacity) {
        return new NearEventQueue(order, initialCapacity);
    }
}
