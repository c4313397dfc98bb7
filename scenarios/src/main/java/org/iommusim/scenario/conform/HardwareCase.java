package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.sim.check.Violation;
import org.jspecify.annotations.Nullable;

/**
 * A hardware case: builds the recorded machine, takes the steps, judges each.
 *
 * @param vector what was recorded
 * @param provider who makes the device
 * @param target what its vendor says about vectors
 */
record HardwareCase(HardwareVector vector, IommuProvider provider, VectorTarget target) implements VectorCase {
    @Override
    public String id() {
        return vector.id();
    }

    @Override
    public int operations() {
        return vector.steps().size();
    }

    @Override
    public CaseResult judge(boolean verbose) {
        CaseResult.Builder result = new CaseResult.Builder(vector.id(), vector.quirk());
        Run run = new Run(result, verbose);
        try {
            run.all();
        } catch (IommuConfigException e) {
            result.fail(List.of(
                    new Mismatch(-1, "", "idregs " + e.field(), e.expected(), String.valueOf(e.getMessage()), "")));
        } catch (RuntimeException e) {
            // A model that breaks down on one case must not take the others with it.
            String what = e.getClass().getSimpleName() + ": "
                    + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            result.fail(List.of(new Mismatch(run.step, run.verb, "model", "an answer", what, "")));
        }
        return result.build();
    }

    /** An earlier access, its result, and what of it may still be cached. */
    private record Earlier(VectorStep.Access access, Observation result, CachedResult cached) {}

    /** One run through the steps. */
    private final class Run {
        private final CaseResult.Builder result;
        private final boolean verbose;
        private final List<Earlier> earlier = new ArrayList<>();
        private final List<long[]> incomplete = new ArrayList<>();
        private final @Nullable RecordedQuirk quirk = RecordedQuirk.of(vector);
        private int step = -1;
        private String verb = "";

        Run(CaseResult.Builder result, boolean verbose) {
            this.result = result;
            this.verbose = verbose;
        }

        void all() {
            RecordedMachine machine = new RecordedMachine(vector, provider, target);
            for (VectorStep next : vector.steps()) {
                step++;
                verb = next.verb();
                take(next, machine);
            }
            for (Violation found : machine.violations()) {
                result.fail(List.of(new Mismatch(step, verb, found.checker(), "none", found.message(), "")));
            }
        }

        private void take(VectorStep next, RecordedMachine machine) {
            VectorBench bench = machine.bench();
            if (next instanceof VectorStep.Access access) {
                access(access, machine);
            } else if (next instanceof VectorStep.Memory change) {
                machine.writeMemory(change.words());
                trace(change.words().size() + " words");
            } else if (next instanceof VectorStep.Command command) {
                List<long[]> records = machine.command(command.words());
                count(Judge.record(target, step, verb, command.record(), records));
                count(Judge.memory(target, step, verb, command.memory(), machine::readMemory));
                count(Judge.states(target, step, verb, command.states(), bench));
                completed(command.words(), bench);
                trace(target.commandText(command.words()) + " -> " + machine.states());
            } else if (next instanceof VectorStep.Write write) {
                machine.write(write.register());
                count(Judge.states(target, step, verb, write.states(), bench));
                trace(Judge.hex(write.register().offset()) + " := "
                        + Judge.hex(write.register().value()) + " -> " + machine.states());
            } else if (next instanceof VectorStep.Read read) {
                long value = machine.read(read.offset(), read.bytes());
                count(Judge.value(target, step, verb, read.value(), value));
                count(Judge.states(target, step, verb, read.states(), bench));
                trace(Judge.hex(read.offset()) + " = " + Judge.hex(value));
            } else if (next instanceof VectorStep.ReadMemory read) {
                long value = machine.readMemory(read.address());
                count(Judge.value(target, step, verb, read.value(), value));
                trace(Judge.hex(read.address()) + " = " + Judge.hex(value));
            }
        }

        /** Differences from what was recorded: failures, unless a known quirk of the recorded machine explains them. */
        private void count(List<Mismatch> differences) {
            if (quirk != null && !differences.isEmpty() && quirk.explains(differences)) {
                result.quirk(quirk.explained(differences));
            } else {
                result.fail(differences);
            }
        }

        private void trace(String text) {
            if (verbose) {
                result.trace("step " + step + " " + verb + " " + text);
            }
        }

        /** A command is complete when a later one says so; a queue that has stopped completes nothing. */
        private void completed(long[] command, VectorBench bench) {
            incomplete.add(command);
            if (bench.completes(command) && bench.commandsTaken()) {
                for (long[] done : incomplete) {
                    earlier.forEach(before -> before.cached().completed(done));
                }
                incomplete.clear();
            }
        }

        private void access(VectorStep.Access access, RecordedMachine machine) {
            Observation seen = machine.access(access);
            boolean stale = staleAllowed(access, seen);
            String verdict = judge(access, seen, stale, machine);
            if (!stale) {
                earlier.add(new Earlier(access, seen, machine.remember(access, seen)));
            }
            if (verbose) {
                trace(access.text() + " -> " + seen.text(target) + ": " + verdict);
            }
        }

        /** True if the same access got the same result before, and nothing complete required that to be forgotten. */
        private boolean staleAllowed(VectorStep.Access access, Observation seen) {
            return earlier.stream()
                    .anyMatch(before -> before.access().sameAccess(access)
                            && before.result().sameResult(seen)
                            && before.cached().allowed());
        }

        private String judge(VectorStep.Access access, Observation seen, boolean stale, RecordedMachine machine) {
            ArchClaim claim = access.claim();
            if (claim != null && vector.quirk() != null) {
                return claim(access, claim, seen, stale, machine);
            }
            List<Mismatch> wrong = vector.eventQuirk() == null
                    ? Judge.access(target, step, verb, access.expect(), seen, machine::readMemory)
                    : Judge.outcome(target, step, verb, access.expect(), seen);
            if (wrong.isEmpty()) {
                // Where only details of the recorded fault are wrong, the check model says which would be right.
                if (claim != null && vector.eventQuirk() != null && agree(claim, access.expect())) {
                    return "as recorded, " + claim(access, claim, seen, stale, machine);
                }
                return "as recorded";
            }
            if (vector.cacheDependent()) {
                if (rightWithoutCaches(access.cold(), seen, machine)) {
                    return "as recorded without caches";
                }
                if (stale) {
                    result.stale(step);
                    return "legally stale";
                }
            }
            RecordedQuirk shown = shown(access, seen, machine);
            if (shown != null && shown.explains(wrong)) {
                result.quirk(shown.explained(wrong));
            } else {
                count(wrong);
            }
            return "wrong";
        }

        private static boolean agree(ArchClaim claim, AccessExpectation expect) {
            return Objects.equals(claim.ok(), expect.ok());
        }

        private @Nullable RecordedQuirk shown(VectorStep.Access access, Observation seen, RecordedMachine machine) {
            long[] record = seen.record();
            if (record != null) {
                return RecordedQuirk.shownBy(target.records().name(record));
            }
            return seen.ok() ? null : RecordedQuirk.shownBy(machine.bench(), access.sid());
        }

        private boolean rightWithoutCaches(
                @Nullable AccessExpectation cold, Observation seen, RecordedMachine machine) {
            return cold != null
                    && Judge.access(target, step, verb, cold, seen, machine::readMemory)
                            .isEmpty();
        }

        private String claim(
                VectorStep.Access access, ArchClaim claim, Observation seen, boolean stale, RecordedMachine machine) {
            List<Mismatch> certain = new ArrayList<>();
            List<Mismatch> unsure = new ArrayList<>();
            for (Mismatch difference :
                    Judge.claim(target, step, verb, claim, seen, machine.bench(), machine::readMemory)) {
                (claim.unsure().contains(difference.field()) ? unsure : certain).add(difference);
            }
            if (!certain.isEmpty() && stale && vector.cacheDependent()) {
                // The check model has no caches.
                result.stale(step);
                return "legally stale";
            }
            RecordedQuirk shown = shown(access, seen, machine);
            boolean explained = !certain.isEmpty() && shown != null && shown.explains(certain);
            result.quirk(explained && shown != null ? shown.explained(certain) : certain);
            result.unsure(unsure);
            return certain.isEmpty() ? "quirk: agrees" : "quirk: differs";
        }
    }
}
