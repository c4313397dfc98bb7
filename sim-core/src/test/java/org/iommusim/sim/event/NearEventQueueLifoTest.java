package org.iommusim.sim.event;

class NearEventQueueLifoTest extends EventQueueContract {

    NearEventQueueLifoTest() {
        super(TieOrder.LIFO);
    }

    @Override
    EventQueue create(TieOrder order, int initialCapacity) {
        return new NearEventQueue(order, initialCapacity);
    }
}
