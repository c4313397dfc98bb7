package org.iommusim.hw.pcie;

import java.util.Arrays;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.resource.FreeNumbers;
import org.jspecify.annotations.Nullable;

/**
 * The messages of address translation services between one function and its IOMMU, as packets on the function's link. They
 * share the link with all other packets and overtake none of them.
 *
 * <p>An invalidate completion pushes posted writes: it is told to the IOMMU only when all writes of the function that
 * arrived before it have been carried out. For this, writes are counted by the completion that they precede.
 */
final class AtsLink implements EventHandler {
    /** A message carries at most a header and 8 bytes. */
    private static final int MESSAGE_BYTES = 8;

    /** 32 requests with 8 completions each. */
    private static final int MOST_COMPLETIONS = 256;

    private static final int OP_INVALIDATE = 0;
    private static final int OP_RESPOND = 1;
    private static final int OP_COMPLETION = 2;
    private static final int OP_PAGE_REQUEST = 3;
    /** On its way up or down, at a switch. */
    private static final int OP_UP = 4;

    private static final int OP_DOWN = 5;

    private final PciFunction function;
    private final RootPort port;
    private final IommuDevice iommu;
    private @Nullable Atc atc;

    // Messages under way, by slot.
    private Message[] messages = new Message[0];
    private final FreeNumbers free = new FreeNumbers();

    // Completions that wait for writes: a ring; the last place counts the writes that no completion follows yet.
    private int[] writes = new int[MOST_COMPLETIONS + 1];
    private long[] waiting = new long[MOST_COMPLETIONS + 1];
    private int first;
    private int last;

    /** What a packet says; the fields are used as its kind needs them. */
    private static final class Message {
        int op;
        int hop;
        int tag;
        int pasid;
        boolean global;
        long address;
        int shift;

        @Nullable
        PageResponse response;

        @Nullable
        PageRequest request;
    }

    AtsLink(PciFunction function, RootPort port, IommuDevice iommu) {
        this.function = function;
        this.port = port;
        this.iommu = iommu;
    }

    void attach(Atc newAtc) {
        atc = newAtc;
    }

    // ---- IOMMU to function

    void invalidate(int tag, int pasid, boolean global, long address, int shift) {
        int slot = take();
        Message m = messages[slot];
        m.tag = tag;
        m.pasid = pasid;
        m.global = global;
        m.address = address;
        m.shift = shift;
        m.op = OP_INVALIDATE;
        m.hop = function.way().size();
        sendDown(m, slot);
    }

    void respond(int group, int pasid, PageResponse response) {
        int slot = take();
        Message m = messages[slot];
        m.tag = group;
        m.pasid = pasid;
        m.response = response;
        m.op = OP_RESPOND;
        m.hop = function.way().size();
        sendDown(m, slot);
    }

    // ---- function to IOMMU

    /** Sends an invalidate completion for one request; {@code count} is its completion count. */
    void complete(int tag, int count) {
        int slot = take();
        Message m = messages[slot];
        m.tag = tag;
        m.shift = count;
        m.op = OP_COMPLETION;
        m.hop = 0;
        sendUp(m, slot);
    }

    void requestPage(PageRequest request) {
        int slot = take();
        Message m = messages[slot];
        m.request = request;
        m.op = OP_PAGE_REQUEST;
        m.hop = 0;
        sendUp(m, slot);
    }

    /** Over its next link: switches first, from the function on, the root port's own link last. */
    private void sendUp(Message m, int slot) {
        if (m.hop < function.way().size()) {
            function.way().get(m.hop++).up.send(MESSAGE_BYTES, this, OP_UP, slot);
        } else {
            port.upLink().send(MESSAGE_BYTES, this, m.op, slot);
        }
    }

    /** Over its next link: the root port's own link first, the switch next to the function last. */
    private void sendDown(Message m, int slot) {
        LinkDirection link = m.hop == function.way().size()
                ? port.downLink()
                : function.way().get(m.hop).down;
        link.send(MESSAGE_BYTES, this, m.hop-- == 0 ? m.op : OP_DOWN, slot);
    }

    @Override
    public void onEvent(int op, long arg) {
        Message m = messages[(int) arg];
        if (op == OP_UP) {
            sendUp(m, (int) arg);
            return;
        }
        if (op == OP_DOWN) {
            sendDown(m, (int) arg);
            return;
        }
        free.release((int) arg);
        switch (op) {
            case OP_INVALIDATE -> {
                if (function.present() && atc != null) {
                    atc.drop(m.tag, m.pasid, m.global, m.address, m.shift);
                }
            }
            case OP_RESPOND -> {
                PageResponse response = m.response;
                if (function.present() && atc != null && response != null) {
                    atc.responded(m.tag, response);
                }
            }
            case OP_COMPLETION -> completionArrived(1 << m.tag, m.shift);
            case OP_PAGE_REQUEST -> {
                PageRequest request = m.request;
                if (request != null) {
                    iommu.pageRequested(request);
                }
            }
            default -> throw new IllegalArgumentException("ATS link op " + op);
        }
    }

    // ---- completions push writes

    /** A write of the function has arrived; returns what {@link #writeFinished} needs. */
    int writeArrived() {
        writes[last]++;
        return last;
    }

    /** A write is carried out, or ended. */
    void writeFinished(int place) {
        writes[place]--;
        deliver();
    }

    private void completionArrived(int tags, int count) {
        waiting[last] = (long) count << 32 | tags & 0xffff_ffffL;
        last = next(last);
        if (last == first) {
            throw new IllegalStateException(function + " completes more invalidations than it was sent");
        }
        writes[last] = 0;
        deliver();
    }

    private void deliver() {
        while (first != last && writes[first] == 0) {
            long completion = waiting[first];
            first = next(first);
            iommu.invalidated(function.requesterId(), (int) completion, (int) (completion >>> 32));
        }
    }

    private int next(int place) {
        return (place + 1) % writes.length;
    }

    private int take() {
        if (free.isEmpty()) {
            int old = messages.length;
            messages = Arrays.copyOf(messages, Math.max(8, 2 * old));
            for (int slot = messages.length - 1; slot >= old; slot--) {
                messages[slot] = new Message();
            }
            free.grow(old, messages.length);
        }
        return free.take();
    }
}
