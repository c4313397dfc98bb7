package org.iommusim.sim.event;

class RadixEventQueueFifoTest extends EventQueueContract {

    RadixEventQueueFifoTest() {
        super(TieOrder.FIFO);
    }

    @Override
    EventQueue create(TieOrder order, int initialCapacity) {
        return new RadixEventQueue(order, initialCapacity);
    }
}
