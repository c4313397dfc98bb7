package org.iommusim.sim.event;

class RadixEventQueueLifoTest extends EventQueueContract {

    RadixEventQueueLifoTest() {
        super(TieOrder.LIFO);
    }

    @Override
    EventQueue create(TieOrder order, int initialCapacity) {
        return new RadixEventQueue(order, initialCapacity);
    }
}
