package org.iommusim.sim.event;

/** A timeout: at most one pending event on a lane of its own, which can be cancelled. */
public final class Timer {
    private final Scheduler scheduler;
    private final Lane lane;
    private final EventHandler handler;
    private final int op;

    /**
     * Makes a timer that, when it expires, calls {@code handler.onEvent(op, arg)}.
     *
     * @param name name of its lane
     */
    public Timer(Scheduler scheduler, String name, EventHandler handler, int op) {
        this.scheduler = scheduler;
        this.lane = scheduler.newLane(name, Phase.TIMEOUT);
        this.handler = handler;
        this.op = op;
    }

    /** Starts it; error if it is running. */
    public void start(long delayPs, long arg) {
        if (!lane.isEmpty()) {
            throw new IllegalStateException("timer " + lane + " is already running");
        }
        scheduler.after(lane, delayPs, handler, op, arg);
    }

    /** Stops it; nothing happens if it is not running. */
    public void cancel() {
        scheduler.cancel(lane);
    }

    /** True between start and expiry or cancel. */
    public boolean running() {
        return !lane.isEmpty();
    }
}
