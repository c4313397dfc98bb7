package org.iommusim.sim.event;

class HeapEventQueueLifoTest extends EventQueueContract {

    HeapEventQueueLifoTest() {
        super(TieOrder.LIFO);
    }

    @Override
    EventQueue create(TieOrder order, int initialCapacity) {
        return new HeapEventQueue(order, initialCapacity);
    }
}
