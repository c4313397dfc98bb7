package org.iommusim.sim.event;

class HeapEventQueueFifoTest extends EventQueueContract {

    HeapEventQueueFifoTest() {
        super(TieOrder.FIFO);
    }

    @Override
    EventQueue create(TieOrder order, int initialCapacity) {
        return new HeapEventQueue(order, initialCapacity);
    }
}
