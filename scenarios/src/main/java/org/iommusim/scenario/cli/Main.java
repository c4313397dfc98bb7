package org.iommusim.scenario.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Where the launcher enters. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the JVM with its exit status. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int status = run(arguments, new Console(out, err, terminal(), colour()));
        out.flush();
        if (status == 0 && out.checkError()) {
            status = Exit.NO_OUTPUT; // e.g. the reader of a pipe is gone
        }
        System.exit(status);
    }

    /** Runs one command; returns its exit status. */
    static int run(String[] arguments, Console console) {
        Commands commands = new Commands(console);
        int status;
        try {
            status = commands.execute(arguments);
        } catch (OutOfMemoryError | StackOverflowError e) {
            status = commands.failed(e, false);
        }
        console.out().flush();
        console.err().flush();
        return status;
    }

    private static boolean colour() {
        String noColour = System.getenv("NO_COLOR");
        return terminal() && (noColour == null || noColour.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
    }

    /** Some Javas from 22 on have a console without a terminal, and a method that Java 17 has not. */
    private static boolean terminal() {
        Object console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
