package org.iommusim.scenario.check;

import org.iommusim.scenario.language.CounterexampleFile;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;

/** One thing that a suite judges. */
public sealed interface CheckCase {
    /** The file that it is from. */
    String file();

    /** The scenario's name. */
    String scenario();

    /** Which of the file's cases it is, in words. */
    String title();

    /** A timed run, judged by what must hold at its end. */
    record Run(String file, Scenario run) implements CheckCase {
        @Override
        public String scenario() {
            return run.name();
        }

        @Override
        public String title() {
            return "run";
        }
    }

    /** An exploration of one kernel, judged by what is known to come out. */
    record Explore(String file, Scenario explored, Outcome outcome) implements CheckCase {
        @Override
        public String scenario() {
            return explored.name();
        }

        @Override
        public String title() {
            return outcome.title();
        }
    }

    /** A counterexample that must show its violation again. */
    record Replay(String file, CounterexampleFile counterexample) implements CheckCase {
        @Override
        public String scenario() {
            return counterexample.scenario().name();
        }

        @Override
        public String title() {
            return "replay on " + counterexample.title();
        }
    }

    /** A file that is neither a scenario nor a counterexample. */
    record Skipped(String file, String why) implements CheckCase {
        @Override
        public String scenario() {
            return file;
        }

        @Override
        public String title() {
            return "skipped";
        }
    }
}
