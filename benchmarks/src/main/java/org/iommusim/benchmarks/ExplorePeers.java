package org.iommusim.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.function.IntFunction;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Engine;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.ExploreProgress;
import org.iommusim.sim.explore.NaiveSearch;
import org.iommusim.sim.explore.RandomSchedules;
import org.iommusim.sim.explore.RandomSchedules.Method;
import org.iommusim.sim.explore.SourceDpor;
import org.iommusim.sim.explore.StatefulSearch;
import org.iommusim.sim.explore.Subject;
import org.iommusim.sim.explore.ToyPrograms;
import org.iommusim.sim.explore.ToyProtocol;

/**
 * How fast the explorers are on a small protocol, one row each, counted as other explorers were: schedules that were run to
 * their end, or different states and the transitions between them, per CPU second of the whole process with one worker. The
 * best of a few rounds in one warm JVM. {@code explore-peers.sh} runs it beside SPIN.
 */
public final class ExplorePeers {
    private static final double SECOND_NS = 1e9;
    /** A measurement takes at least this long: the CPU clock ticks in hundredths of a second. */
    private static final long SHORTEST_NS = 300_000_000;

    private final OperatingSystemMXBean cpu = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final int rounds;

    private ExplorePeers(int rounds) {
        this.rounds = rounds;
    }

    /** Runs all rows, each so many times (first argument, 5). */
    public static void main(String[] args) {
        ExplorePeers peers = new ExplorePeers(args.length > 0 ? Integer.parseInt(args[0]) : 5);
        peers.rates();
        peers.bugs();
    }

    private void rates() {
        System.out.println("state in 64 bits:");
        IntFunction<Subject> packed = users -> new ToyProtocol(users, 0);
        Bounds all = Bounds.unlimited();
        row("naive", new NaiveSearch(), packed, 3, all.withMaxSchedules(4_000_000));
        row("sleep sets", SourceDpor.sleepSetsOnly(), packed, 4, all);
        row("source-DPOR", new SourceDpor(), packed, 4, all);
        Bounds million = all.withMaxSchedules(1_000_000);
        for (Method method : Method.values()) {
            row(method.toString(), RandomSchedules.of(method, 1).withoutTraces(), packed, 4, million);
        }
        Engine stateful = StatefulSearch.onAllCores().withWorkers(1);
        row("stateful", stateful, packed, 6, all);

        System.out.println("programs of a simulation:");
        IntFunction<Subject> programs = users -> ToyPrograms.of(users, 0);
        row("naive", new NaiveSearch(), programs, 3, million);
        row("sleep sets", SourceDpor.sleepSetsOnly(), programs, 3, all.withMaxSchedules(100_000));
        row("source-DPOR", new SourceDpor(), programs, 3, all.withMaxSchedules(100_000));
        row("POS", RandomSchedules.of(Method.POS, 1).withoutTraces(), programs, 3, all.withMaxSchedules(20_000));
        row("stateful", stateful, programs, 4, all);
    }

    private void row(String name, Engine engine, IntFunction<Subject> subjects, int users, Bounds bounds) {
        double best = Double.MAX_VALUE;
        Exploration result = null;
        for (int i = 0; i < rounds; i++) {
            long start = cpu.getProcessCpuTime();
            long spent = 0;
            int runs = 0;
            while (spent < SHORTEST_NS) {
                result = engine.explore(() -> subjects.apply(users), bounds, ExploreProgress.NONE);
                spent = cpu.getProcessCpuTime() - start;
                runs++;
            }
            best = Math.min(best, spent / SECOND_NS / runs);
        }
        if (result == null || result.violated()) {
            throw new IllegalStateException("the protocol without a bug is wrong: " + result);
        }
        long counted = result.states() > 0 && !engine.name().equals(RandomSchedules.NAME)
                ? result.states()
                : result.schedules();
        System.out.printf(
                Locale.ROOT,
                "%-20s %d users %,11d %s %,12d transitions %7.3f s %6.2f M/s %6.2f M transitions/s%n",
                name,
                users,
                counted,
                counted == result.schedules() ? "schedules" : "states   ",
                result.transitions(),
                best,
                counted / best / 1e6,
                result.transitions() / best / 1e6);
    }

    private void bugs() {
        System.out.println("schedules until a bug is found:");
        for (int bug = 1; bug <= 2; bug++) {
            firstFailure("naive", new NaiveSearch(), bug);
            firstFailure("sleep sets", SourceDpor.sleepSetsOnly(), bug);
            firstFailure("source-DPOR", new SourceDpor(), bug);
        }
    }

    private static void firstFailure(String name, Engine engine, int bug) {
        Exploration result = engine.explore(() -> new ToyProtocol(2, bug), Bounds.unlimited(), ExploreProgress.NONE);
        System.out.printf(Locale.ROOT, "%-20s bug %d: %s%n", name, bug, result.reason());
    }
}
