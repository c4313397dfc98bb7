package org.iommusim.hw.pipeline;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.DmaSource;
import org.iommusim.hw.provider.ParameterValues;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.resource.WakeRule;

/**
 * The requests of a unit from the outside: they arrive, are told what became of them, and are over when their access has been
 * carried out. What happens to them inside is the {@link RequestPath}'s and the vendor's business. Interrupt messages stay
 * behind the older writes of their function.
 */
public final class Requests<F extends Transaction> {
    /** The vendor's part. */
    public interface Vendor<F extends Transaction> extends RequestPath.Client<F> {
        /** True if a request is an interrupt message. */
        boolean isMessage(DmaRequest request);

        /** A transaction begins with a request. */
        void arrive(F transaction, DmaRequest request, DmaCompletion completion, int portBeats);

        /** Says what a translation request's completion says: {@link DmaRequest#completion}. */
        void answer(F transaction, DmaRequest request);

        /** Says what memory is told of a translated request, if anything: {@link DmaRequest#memoryAttributes}. */
        void describe(F transaction, DmaRequest request);

        /**
         * Nothing is before an interrupt message any more whose outcome is {@link DmaOutcome#POSTED}: sets it pending, and says
         * {@link Requests#posted} then. Only asked of vendors that decide so.
         */
        default void post(F message) {
            throw new IllegalStateException("no interrupts are posted");
        }

        /** An interrupt message has left, or is over. */
        void messageOver(F message);
    }

    private final Vendor<F> vendor;
    private final String name;
    private final Simulation sim;
    private final TransactionPool<F> pool;
    private final CheckedUse staleUse;
    private final int portBytes;
    private final RequestPath<F> path;
    private final MessageOrder<F> messageOrder;

    private final TransactionReport report;

    /**
     * Nobody is in.
     *
     * @param name of the unit, also the path of the statistics
     * @param p has what {@link RequestPath} needs, and {@code port_bytes}
     * @param port to memory
     */
    public Requests(
            Vendor<F> vendor,
            Simulation sim,
            String name,
            ParameterValues p,
            WakeRule rule,
            TransactionPool<F> pool,
            CheckedUse staleUse,
            RequestPort port) {
        this.vendor = vendor;
        this.name = name;
        this.sim = sim;
        this.pool = pool;
        this.staleUse = staleUse;
        portBytes = p.value("port_bytes");
        path = new RequestPath<>(vendor, pool, sim, name, p, rule, port);
        messageOrder = new MessageOrder<>(pool, sim.scheduler(), this::messageLeaves);
        port.whenSent(path.refused()::invite);
        report = new TransactionReport(
                sim, name, "requests ended without a fault", "from the port of the devices to the port to memory");
    }

    /** A lane for a new transaction. */
    public static Lane newLane(Simulation sim, String name, int id) {
        return sim.scheduler().newLane(name + " request " + id, Phase.HARDWARE);
    }

    /** In and out. */
    public RequestPath<F> path() {
        return path;
    }

    // ---- in

    /** As {@link org.iommusim.hw.iommu.IommuDevice#accept}. */
    public void accept(DmaRequest request, DmaCompletion completion) {
        F transaction = pool.take();
        vendor.arrive(transaction, request, completion, Math.max(1, Transaction.dataBeats(request, portBytes)));
        staleUse.begin(transaction);
        request.translationSlot(transaction.id);
        report.arrived(transaction);
        if (vendor.isMessage(request)) {
            messageOrder.arrived(transaction);
        }
        path.accept(transaction);
    }

    /** As {@link org.iommusim.hw.iommu.IommuDevice#offer}. */
    public boolean offer(DmaRequest request, DmaCompletion completion, DmaSource source) {
        if (!path.hasRoom(Transaction.dataBeats(request, portBytes))) {
            path.refused().refuse(source);
            return false;
        }
        accept(request, completion);
        return true;
    }

    // ---- out

    /** It is known what becomes of an interrupt message: it leaves, now or when nothing is before it. */
    public void messageDecided(F message) {
        messageOrder.remapped(message);
    }

    private void messageLeaves(F message) {
        if (message.outcome == DmaOutcome.POSTED) {
            vendor.post(message);
        } else {
            path.messageLeaves(message);
        }
    }

    /**
     * An interrupt message has been set pending, with the processor that is told as its output; or it has failed, or a message
     * to a processor leaves all the same, as its outcome then says.
     */
    public void posted(F message) {
        path.messageLeaves(message);
    }

    /** A transaction is past the port to memory, or has ended: whoever sent the request is told. */
    public void left(F transaction) {
        DmaRequest request = transaction.request();
        DmaOutcome outcome = transaction.outcome;
        long now = sim.now();
        report.left(transaction);
        if (transaction.type == AddressType.TRANSLATION_REQUEST) {
            answered(transaction, now);
            return;
        }
        if (transaction.message) {
            vendor.messageOver(transaction);
        } else {
            report.answered(transaction);
        }
        if (outcome == DmaOutcome.INTERRUPT) {
            request.interrupt(transaction.output, transaction.messageData, now);
            staleUse.used(transaction);
        } else if (outcome == DmaOutcome.POSTED) {
            request.posted(transaction.output, now);
            staleUse.used(transaction);
        } else if (transaction.failed()) {
            request.fault(transaction.code);
            request.translated(outcome, -1, now);
        } else {
            vendor.describe(transaction, request);
            request.translated(outcome, transaction.output, now);
            staleUse.used(transaction);
        }
        DmaCompletion completion = transaction.completion();
        if (!outcome.completed()) {
            release(transaction);
        }
        completion.completed(request);
    }

    /** A translation request goes back with its answer; there is no access to wait for. */
    private void answered(F transaction, long now) {
        DmaRequest request = transaction.request();
        report.translationRequest();
        vendor.answer(transaction, request);
        request.fault(transaction.code);
        request.translated(transaction.failed() ? transaction.outcome : DmaOutcome.OK, -1, now);
        staleUse.answered(transaction);
        DmaCompletion completion = transaction.completion();
        release(transaction);
        completion.completed(request);
    }

    /** As {@link org.iommusim.hw.iommu.IommuDevice#carriedOut}. */
    public void carriedOut(DmaRequest request) {
        F transaction = pool.get(request.translationSlot());
        if (!transaction.inUse || transaction.request() != request) {
            throw new IllegalStateException(name + ": request " + request.id() + " was not under way");
        }
        staleUse.used(transaction);
        release(transaction);
    }

    /** A transaction is over. */
    public void release(F transaction) {
        staleUse.end(transaction);
        pool.release(transaction);
        messageOrder.ended(transaction);
    }
}
