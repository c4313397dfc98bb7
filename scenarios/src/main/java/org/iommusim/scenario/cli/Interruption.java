package org.iommusim.scenario.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets long work end with what it has when the user presses Ctrl-C: the JVM ends only when the work has been shown, or after
 * a while. Close it when that is done.
 */
final class Interruption implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final CountDownLatch shown = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interrupt, "interruption");
    private volatile boolean asked;

    /** Listens from now on. */
    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** True if the work should end. */
    boolean asked() {
        return asked;
    }

    private void interrupt() {
        asked = true;
        hookSleeps();
    }

    @SuppressWarnings("ResultOfMethodCallIgnored") // whether or not it was shown in time: the JVM ends
    private void hookSleeps() {
        try {
            shown.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        shown.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            asked = true; // the JVM is ending: it waits for the hook, and the hook no longer waits
        }
    }
}
