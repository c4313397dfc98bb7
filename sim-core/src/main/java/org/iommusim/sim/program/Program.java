package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * An immutable program over frames of type {@code F}; see the package page.
 *
 * @param <F> type of the frame
 */
public final class Program<F> {
    private final String name;
    private final List<Instruction<F>> code;

    Program(String name, List<Instruction<F>> code) {
        this.name = name;
        this.code = List.copyOf(code);
    }

    /** Starts a program with this name, spelled as the kernel spells the path. */
    public static <F> Builder<F> named(String name) {
        return new Builder<>(name);
    }

    /** Instructions that a patch puts into a program; they may refer to its steps. */
    static <F> List<Instruction<F>> fragment(String program, Consumer<Builder<F>> block) {
        Builder<F> builder = new Builder<>(program);
        block.accept(builder);
        return List.copyOf(builder.code);
    }

    /** The program's name. */
    public String name() {
        return name;
    }

    /** The instructions in order; positions are what jumps refer to. */
    public List<Instruction<F>> code() {
        return code;
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * Collects instructions. Ids must be unique within the program.
     *
     * @param <F> type of the frame
     */
    public static final class Builder<F> {
        private final String name;
        private final List<Instruction<F>> code = new ArrayList<>();
        private final Set<String> ids = new LinkedHashSet<>();
        private final Set<String> referred = new LinkedHashSet<>();

        private Builder(String name) {
            this.name = name;
        }

        /** Fails with {@code error} unless the condition, over {@code footprint}, holds. */
        public Builder<F> check(String id, Footprint footprint, Predicate<F> ok, int error) {
            return add(new Instruction.Step<>(named(id), footprint, HostCost.LOCAL, new Check<>(ok, error), null));
        }

        /** Fails with {@code error} unless the condition, over the frame only, holds. */
        public Builder<F> check(String id, Predicate<F> ok, int error) {
            return check(id, Footprint.LOCAL, ok, error);
        }

        /** A step that cannot fail, at the price of an atomic access. */
        public Builder<F> step(String id, Footprint footprint, Consumer<F> body) {
            return step(id, HostCost.ATOMIC, footprint, body);
        }

        /** A step that cannot fail. */
        public Builder<F> step(String id, HostCost cost, Footprint footprint, Consumer<F> body) {
            return attempt(id, cost, footprint, f -> {
                body.accept(f);
                return 0;
            });
        }

        /** A step that answers 0 or an error. */
        public Builder<F> attempt(String id, HostCost cost, Footprint footprint, ToIntFunction<F> body) {
            return add(new Instruction.Step<>(named(id), footprint, cost, body, null));
        }

        /** A step that answers 0 or an error and, if it succeeds, leaves something that {@code undo} takes back. */
        public Builder<F> take(String id, Footprint footprint, ToIntFunction<F> body, Undo<F> undo) {
            return take(id, HostCost.ATOMIC, footprint, body, undo);
        }

        /** As {@link #take(String, Footprint, ToIntFunction, Undo)} with a price. */
        public Builder<F> take(String id, HostCost cost, Footprint footprint, ToIntFunction<F> body, Undo<F> undo) {
            return add(new Instruction.Step<>(named(id), footprint, cost, body, undo));
        }

        /** Spends a computed time (ps) and touches nothing. */
        public Builder<F> spend(String id, ToLongFunction<F> ps) {
            return add(new Instruction.Spend<>(named(id), ps));
        }

        /** Takes a lock alone; it is released at the end, or by {@link #undoNow} with this id. */
        public Builder<F> lock(String id, Function<F, Lock> lock) {
            return add(new Instruction.Acquire<>(named(id), lock, Lock.Mode.WRITE));
        }

        /** Takes a reader-writer semaphore as a reader. */
        public Builder<F> lockShared(String id, Function<F, Lock> lock) {
            return add(new Instruction.Acquire<>(named(id), lock, Lock.Mode.READ));
        }

        /** Runs the undo collected by the step or lock {@code ofStep} now; nothing if it was not collected. */
        public Builder<F> undoNow(String ofStep) {
            return add(new Instruction.UndoNow<>(known(ofStep)));
        }

        /** Drops the undo collected by {@code ofStep}: it stays held when the program ends. */
        public Builder<F> keep(String ofStep) {
            return add(new Instruction.Keep<>(known(ofStep)));
        }

        /** Sleeps on a queue until the condition holds, for ever if need be. */
        public Builder<F> await(
                String id,
                Footprint footprint,
                Function<F, WaitQueue> queue,
                WaitQueue.Sleep mode,
                Predicate<F> until) {
            return add(new Instruction.Await<>(named(id), footprint, queue, mode, until, null, f -> 0));
        }

        /** Sleeps on a queue until the condition holds or the time (ps) is over; then {@code onTimeout} answers. */
        public Builder<F> await(
                String id,
                Footprint footprint,
                Function<F, WaitQueue> queue,
                WaitQueue.Sleep mode,
                Predicate<F> until,
                ToLongFunction<F> timeoutPs,
                ToIntFunction<F> onTimeout) {
            return add(new Instruction.Await<>(named(id), footprint, queue, mode, until, timeoutPs, onTimeout));
        }

        /** Runs a program that depends on the frame (an operation dispatch); its error is this program's error. */
        public Builder<F> invoke(String id, Function<F, @Nullable Call<?>> call) {
            return add(new Instruction.Invoke<>(named(id), call, null));
        }

        /** Runs a program and goes on whatever it answers. */
        public Builder<F> invokeIgnoringError(String id, Function<F, @Nullable Call<?>> call) {
            return add(new Instruction.Invoke<>(named(id), call, (f, ignored) -> {}));
        }

        /**
         * Runs a program and goes on whatever it answers; {@code answer} leaves 0 or the error in the frame. It is told
         * nothing if there was no program to run.
         */
        public Builder<F> invokeForAnswer(String id, Function<F, @Nullable Call<?>> call, ObjIntConsumer<F> answer) {
            return add(new Instruction.Invoke<>(named(id), call, answer));
        }

        /** Runs {@code then} if a condition over shared variables holds; the test is a step. */
        public Builder<F> branch(String id, Footprint footprint, Predicate<F> condition, Consumer<Builder<F>> then) {
            int at = reserve();
            then.accept(this);
            code.set(at, new Instruction.Branch<>(named(id), footprint, condition, code.size()));
            return this;
        }

        /** Runs {@code then} if a condition over the frame holds. */
        public Builder<F> when(String id, Predicate<F> condition, Consumer<Builder<F>> then) {
            int at = reserve();
            then.accept(this);
            code.set(at, new Instruction.Unless<>(named(id), condition, code.size()));
            return this;
        }

        /** Runs one of two blocks by a condition over the frame. */
        public Builder<F> either(
                String id, Predicate<F> condition, Consumer<Builder<F>> then, Consumer<Builder<F>> otherwise) {
            int at = reserve();
            then.accept(this);
            int skip = reserve();
            code.set(at, new Instruction.Unless<>(named(id), condition, code.size()));
            otherwise.accept(this);
            code.set(skip, new Instruction.Jump<>(id + " else done", code.size()));
            return this;
        }

        /** Repeats a block while a condition over the frame holds. */
        public Builder<F> loop(String id, Predicate<F> condition, Consumer<Builder<F>> body) {
            int at = reserve();
            body.accept(this);
            add(new Instruction.Jump<>(id + " again", at));
            code.set(at, new Instruction.Unless<>(named(id), condition, code.size()));
            return this;
        }

        /** Ends the program here with success. */
        public Builder<F> succeed(String id) {
            return finish(id, f -> 0);
        }

        /** Ends the program here with an answer: 0 or an error. */
        public Builder<F> finish(String id, ToIntFunction<F> result) {
            return add(new Instruction.Finish<>(named(id), result));
        }

        /**
         * Runs {@code body}; if it fails, runs {@code ladder} in the order written there instead of the undos that the body
         * collected, and then fails with the same error. Locks that the body took stay held until the ladder releases them
         * ({@link #undoNow}) or the program ends.
         */
        public Builder<F> guarded(String id, Consumer<Builder<F>> body, Consumer<Builder<F>> ladder) {
            int at = reserve();
            body.accept(this);
            add(new Instruction.EndGuard<>(id + " end"));
            int skip = reserve();
            code.set(at, new Instruction.BeginGuard<>(named(id), code.size()));
            ladder.accept(this);
            add(new Instruction.Rethrow<>(id + " rethrow"));
            code.set(skip, new Instruction.Jump<>(id + " done", code.size()));
            return this;
        }

        /** Finishes the program; refuses references to steps that it does not have. */
        public Program<F> build() {
            for (String id : referred) {
                if (!ids.contains(id)) {
                    throw new IllegalArgumentException(name + " has no step called '" + id + "'");
                }
            }
            return new Program<>(name, code);
        }

        private Builder<F> add(Instruction<F> instruction) {
            code.add(instruction);
            return this;
        }

        private int reserve() {
            code.add(new Instruction.Jump<>("reserved", code.size() + 1));
            return code.size() - 1;
        }

        private String named(String id) {
            if (!ids.add(id)) {
                throw new IllegalArgumentException(name + " has two steps called '" + id + "'");
            }
            return id;
        }

        /** Remembers a reference to a step, which may come later: in a loop, what is below is also before. */
        private String known(String id) {
            referred.add(id);
            return id;
        }
    }
}
