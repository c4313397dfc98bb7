package org.iommusim.sim.event;

/** Receives events. A component is one handler with many operations, so that an event costs no object. */
public interface EventHandler {
    /**
     * An event takes effect.
     *
     * @param op what to do; the handler's own numbering
     * @param arg the handler's own operand: a slot, an address, a count
     */
    void onEvent(int op, long arg);
}
