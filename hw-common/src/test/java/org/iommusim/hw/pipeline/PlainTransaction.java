package org.iommusim.hw.pipeline;

import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;

/** A transaction of no vendor. */
final class PlainTransaction extends Transaction {
    PlainTransaction(Simulation sim, int id) {
        super(id, sim.scheduler().newLane("transaction " + id, Phase.HARDWARE));
    }

    /** Begins with a read of 8 bytes. */
    static PlainTransaction reading(Simulation sim, int id, int requester, long address) {
        PlainTransaction transaction = new PlainTransaction(sim, id);
        DmaRequest request = new DmaRequest();
        request.begin(id, requester, DmaRequest.NO_PASID, address, 8, false, 0);
        transaction.begin(request, nobody -> {}, 1);
        return transaction;
    }
}
