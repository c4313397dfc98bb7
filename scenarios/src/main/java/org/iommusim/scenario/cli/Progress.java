package org.iommusim.scenario.cli;

import java.util.Locale;
import java.util.function.LongConsumer;

/** Shows a person that a long run goes on; silent when nobody watches. */
final class Progress implements LongConsumer {
    private static final long BETWEEN_NS = 500_000_000L;

    private final Console console;
    private long next = System.nanoTime() + BETWEEN_NS;
    private boolean shown;

    Progress(Console console) {
        this.console = console;
    }

    @Override
    public void accept(long events) {
        if (console.terminal() && System.nanoTime() > next) {
            next = System.nanoTime() + BETWEEN_NS;
            shown = true;
            console.err().print(String.format(Locale.ROOT, "\r%,d events ...", events));
            console.err().flush();
        }
    }

    /** Removes what was shown. */
    void end() {
        if (shown) {
            console.err().print("\r\u001b[K");
            console.err().flush();
        }
    }
}
