package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A program as people read it, block within block. Manuals, counterexamples and patches all call a step by the name that
 * it has here.
 */
public final class ProgramListing {
    private final List<? extends Instruction<?>> code;
    private final List<String> names;
    private final List<ListedStep> lines = new ArrayList<>();

    private ProgramListing(List<? extends Instruction<?>> code, List<String> names) {
        this.code = code;
        this.names = names;
    }

    /** The lines of a program, in order. */
    public static <F> List<ListedStep> of(Program<F> program) {
        ProgramListing listing = new ProgramListing(program.code(), StepNames.of(program.code()));
        listing.block(0, program.code().size(), 0);
        return List.copyOf(listing.lines);
    }

    /** The program's name, and below it one line for each step. */
    public static String text(Program<?> program) {
        return text(program, Integer::toString);
    }

    /** The same with names of errors. */
    public static String text(Program<?> program, IntFunction<String> errors) {
        StringBuilder text = new StringBuilder(program.name()).append('\n');
        of(program).forEach(line -> text.append("  ").append(line.text(errors)).append('\n'));
        return text.toString();
    }

    private void block(int from, int to, int depth) {
        int at = from;
        while (at < to) {
            Instruction<?> instruction = code.get(at);
            if (instruction instanceof Instruction.BeginGuard<?> guard) {
                at = guard(at, guard.ladder(), depth);
            } else if (instruction instanceof Instruction.Branch<?> || instruction instanceof Instruction.Unless<?>) {
                at = decision(at, Jumps.target(instruction), depth);
            } else {
                plain(at, depth);
                at++;
            }
        }
    }

    /** A block that may be skipped; a jump at its end makes it a loop or gives it an alternative. */
    private int decision(int at, int orElse, int depth) {
        int last = orElse - 1;
        int jump = last > at && code.get(last) instanceof Instruction.Jump<?> end ? end.target() : -1;
        if (jump == at) {
            line(at, depth, ListedStep.Kind.LOOP, "");
            block(at + 1, last, depth + 1);
            return orElse;
        }
        line(at, depth, ListedStep.Kind.IF, "");
        if (jump <= orElse) {
            block(at + 1, orElse, depth + 1);
            return orElse;
        }
        block(at + 1, last, depth + 1);
        lines.add(new ListedStep(depth, ListedStep.Kind.ELSE, "", Footprint.LOCAL, 0, ""));
        block(orElse, jump, depth + 1);
        return jump;
    }

    /** A block with a ladder; the jump over the ladder stands before it. */
    private int guard(int at, int ladder, int depth) {
        line(at, depth, ListedStep.Kind.GUARD, "");
        block(at + 1, ladder - 1, depth + 1);
        lines.add(new ListedStep(depth, ListedStep.Kind.LADDER, "of " + names.get(at), Footprint.LOCAL, 0, ""));
        int done = Jumps.target(code.get(ladder - 1));
        block(ladder, done, depth + 1);
        return done;
    }

    private void plain(int at, int depth) {
        Instruction<?> instruction = code.get(at);
        if (instruction instanceof Instruction.Step<?> step) {
            Undo<?> undo = step.undo();
            ListedStep.Kind kind = step.body() instanceof Check<?> ? ListedStep.Kind.CHECK : ListedStep.Kind.STEP;
            line(at, depth, kind, undo == null ? "" : undo.when().words() + ": " + undo.id());
        } else if (instruction instanceof Instruction.Acquire<?> acquire) {
            line(at, depth, ListedStep.Kind.LOCK, acquire.mode() == Lock.Mode.READ ? "shared" : "");
        } else if (instruction instanceof Instruction.UndoNow<?> now) {
            line(at, depth, isLock(now.id()) ? ListedStep.Kind.UNLOCK : ListedStep.Kind.UNDO, "");
        } else if (instruction instanceof Instruction.Keep<?>) {
            line(at, depth, ListedStep.Kind.KEEP, "");
        } else if (instruction instanceof Instruction.Await<?> await) {
            line(at, depth, ListedStep.Kind.WAIT, sleep(await));
        } else if (instruction instanceof Instruction.Spend<?>) {
            line(at, depth, ListedStep.Kind.TIME, "");
        } else if (instruction instanceof Instruction.Invoke<?> invoke) {
            line(at, depth, ListedStep.Kind.CALL, invoke.answer() == null ? "" : "goes on if it fails");
        } else if (instruction instanceof Instruction.Finish<?>) {
            line(at, depth, ListedStep.Kind.END, "");
        }
    }

    private static String sleep(Instruction.Await<?> await) {
        String mode = await.mode() == WaitQueue.Sleep.INTERRUPTIBLE ? "interruptible" : "uninterruptible";
        return await.timeoutPs() == null ? mode : mode + ", with a timeout";
    }

    private boolean isLock(String id) {
        return code.stream().anyMatch(i -> i instanceof Instruction.Acquire<?> && i.id().equals(id));
    }

    private void line(int at, int depth, ListedStep.Kind kind, String note) {
        Instruction<?> instruction = code.get(at);
        int error = instruction instanceof Instruction.Step<?> step && step.body() instanceof Check<?> check
                ? check.error()
                : 0;
        lines.add(new ListedStep(depth, kind, names.get(at), footprint(instruction), error, note));
    }

    private static Footprint footprint(Instruction<?> instruction) {
        if (instruction instanceof Instruction.Step<?> step) {
            return step.footprint();
        }
        if (instruction instanceof Instruction.Await<?> await) {
            return await.footprint();
        }
        return instruction instanceof Instruction.Branch<?> branch ? branch.footprint() : Footprint.LOCAL;
    }
}
