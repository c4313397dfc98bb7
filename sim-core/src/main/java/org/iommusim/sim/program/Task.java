package org.iommusim.sim.program;

import java.util.function.IntConsumer;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Timer;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.World;

/**
 * A simulated CPU task: runs one program after another on a lane of its own, one instruction an event. Between two of
 * its instructions anything else may happen.
 */
public final class Task extends TaskState implements EventHandler, Identified {
    /** Executes the instruction at the program counter; also the test of a sleeper that was woken. */
    private static final int RUN = 0;
    /** Executes the collected undo in {@link #undoing}. */
    private static final int UNDO = 1;
    /** The last touch of a released lock for which somebody waited. */
    private static final int LAST_TOUCH = 2;
    /** Goes on after a lock was granted. */
    private static final int GO_ON = 3;
    /** The timeout of the present sleep. */
    private static final int TIMEOUT = 4;

    private final TaskEnvironment env;
    private final Lane lane;
    private final Timer timer;

    /** Makes an idle task with a lane of this name. */
    public Task(TaskEnvironment env, String name) {
        this(env, env.scheduler().newLane(name, Phase.SOFTWARE));
    }

    private Task(TaskEnvironment env, Lane lane) {
        super(env.world(), lane.stableId());
        this.env = env;
        this.lane = lane;
        timer = new Timer(env.scheduler(), lane.name() + " timeout", this, TIMEOUT);
        env.checkers().made(this);
    }

    /** The task's name: that of its lane. */
    public String name() {
        return lane.name();
    }

    /** The world of its cells. */
    public World world() {
        return env.world();
    }

    /**
     * Starts a program.
     *
     * @param done told the answer, 0 or an error, in the event of the last step; it may run the next program
     * @throws IllegalStateException if the task is busy
     */
    public void run(Call<?> call, IntConsumer done) {
        if (top.get() != null) {
            throw new IllegalStateException("task " + this + " is busy in " + position());
        }
        completion.set(done);
        push(call, false);
        advance();
    }

    private <F> void push(Call<F> call, boolean undoCall) {
        PatchedPrograms patched = env.patched();
        Call<F> started = patched == null ? call : patched.resolve(call);
        top.set(new Activation<>(env.world(), started, top.get(), undoCall));
    }

    // ---- what others do to a task -------------------------------------------------------------------------------

    /** A lock was granted to the task that waits for it. */
    void resume(HostCost cost, Lock lock, Lock.Mode mode) {
        blockedOn.set(null);
        env.checkers().taken(this, lock, mode);
        env.scheduler().after(lane, env.costs().ps(cost), this, GO_ON, 0);
    }

    /** A wake-up of the queue that it sleeps on does not reach it. */
    void passedOver(WaitQueue queue) {
        env.checkers().passedOver(this, queue);
    }

    /** Makes a sleeper test its condition again. */
    void wake() {
        if (wakePending.get() == 0) {
            wakePending.set(1);
            env.scheduler().after(lane, env.costs().ps(HostCost.WAKE_UP), this, RUN, 0);
        }
    }

    // ---- events -------------------------------------------------------------------------------------------------

    @Override
    public void onEvent(int op, long arg) {
        env.checkers().running(this);
        switch (op) {
            case RUN -> execute(current());
            case UNDO -> undo(current());
            case LAST_TOUCH -> {
                Lock lock = releasing.require();
                releasing.set(null);
                alive(lock, "last touches");
                lock.lastTouch();
                advance();
            }
            case GO_ON -> advance();
            case TIMEOUT -> {
                if (wakePending.get() != 0) {
                    timeoutPassed.set(1);
                } else {
                    timedOut(current());
                }
            }
            default -> throw new IllegalArgumentException("task op " + op);
        }
        env.checkers().running(null);
    }

    private Activation<?> current() {
        return top.require();
    }

    private <F> void execute(Activation<F> a) {
        Instruction<F> instruction = a.instruction();
        if (instruction instanceof Instruction.Step<F> step) {
            trace(a, step.id());
            env.checkers().begin(this, a.program, step.id(), step.footprint());
            int error = step.body().applyAsInt(a.frame);
            env.checkers().end();
            if (error != 0) {
                fail(a, error);
            } else {
                if (step.undo() != null) {
                    a.push(Activation.Pending.undo(step.id(), step.undo()));
                }
                next(a);
            }
        } else if (instruction instanceof Instruction.Acquire<F> acquire) {
            acquire(a, acquire);
        } else if (instruction instanceof Instruction.Await<F> await) {
            sleep(a, await);
        } else if (instruction instanceof Instruction.Invoke<F> invoke) {
            trace(a, invoke.id());
            Call<?> call = invoke.call().apply(a.frame);
            if (call == null) {
                next(a);
            } else {
                push(call, false);
                advance();
            }
        } else if (instruction instanceof Instruction.Branch<F> branch) {
            trace(a, branch.id());
            env.checkers().begin(this, a.program, branch.id(), branch.footprint());
            boolean holds = branch.condition().test(a.frame);
            env.checkers().end();
            a.pc.set(holds ? a.pc.get() + 1 : branch.orElse());
            advance();
        } else if (instruction instanceof Instruction.Spend<F> spend) {
            trace(a, spend.id());
            next(a);
        } else if (instruction instanceof Instruction.Finish<F> finish) {
            trace(a, finish.id());
            int error = finish.result().applyAsInt(a.frame);
            if (error != 0) {
                fail(a, error);
            } else {
                a.finish();
                advance();
            }
        } else {
            throw new IllegalStateException("not a step: " + instruction.id());
        }
    }

    private void next(Activation<?> a) {
        a.pc.add(1);
        advance();
    }

    private <F> void acquire(Activation<F> a, Instruction.Acquire<F> acquire) {
        trace(a, acquire.id());
        Lock lock = acquire.lock().apply(a.frame);
        alive(lock, "takes");
        env.checkers().wants(this, lock, acquire.mode(), acquire.id());
        boolean taken = lock.acquire(this, acquire.mode());
        a.push(Activation.Pending.lock(acquire.id(), lock, acquire.mode()));
        a.pc.add(1);
        if (taken) {
            env.checkers().taken(this, lock, acquire.mode());
            advance();
        } else {
            blockedOn.set(lock);
            env.checkers().blocked(this, lock, acquire.mode());
        }
    }

    private <F> void sleep(Activation<F> a, Instruction.Await<F> await) {
        boolean asleep = sleepingOn.get() != null;
        wakePending.set(0);
        if (!asleep) {
            trace(a, await.id());
        }
        if (await.until().test(a.frame)) {
            wakeUp();
            next(a);
        } else if (asleep && timeoutPassed.get() != 0) {
            timedOut(a);
        } else if (!asleep) {
            WaitQueue queue = await.queue().apply(a.frame);
            queue.add(this, await.mode());
            sleepingOn.set(queue);
            env.checkers().sleeps(this, queue, await.id());
            if (await.timeoutPs() != null) {
                timer.start(await.timeoutPs().applyAsLong(a.frame), 0);
            }
        }
    }

    private void alive(Lock lock, String verb) {
        if (lock.freed()) {
            FreedBy by = lock.freedBy();
            env.violations()
                    .report(
                            "use-after-free",
                            this + " " + verb + " " + lock + " after it was freed" + (by == null ? "" : " " + by));
        }
    }

    private void wakeUp() {
        WaitQueue queue = sleepingOn.get();
        if (queue != null) {
            queue.remove(this);
            sleepingOn.set(null);
            env.checkers().wokeUp(this, queue);
        }
        timer.cancel();
        wakePending.set(0);
        timeoutPassed.set(0);
    }

    private <F> void timedOut(Activation<F> a) {
        Instruction<F> instruction = a.instruction();
        if (!(instruction instanceof Instruction.Await<F> await)) {
            throw new IllegalStateException(this + " timed out without sleeping");
        }
        boolean holds = await.until().test(a.frame);
        env.checkers().timedOut(this, sleepingOn.require(), await.id(), holds);
        wakeUp();
        if (holds) {
            trace(a, await.id() + " (at timeout)");
            next(a);
            return;
        }
        trace(a, await.id() + " timed out");
        int error = await.onTimeout().applyAsInt(a.frame);
        if (error != 0) {
            fail(a, error);
        } else {
            next(a);
        }
    }

    // ---- failure, undo, end -------------------------------------------------------------------------------------

    private void fail(Activation<?> a, int error) {
        a.fail(error);
        advance();
    }

    @SuppressWarnings("unchecked") // the pending undo came out of this very activation
    private <F> void undo(Activation<F> a) {
        Activation.Pending<F> pending = (Activation.Pending<F>) undoing.require();
        undoing.set(null);
        Undo<F> undo = pending.undo;
        if (undo == null) {
            Lock lock = pending.lock;
            if (lock == null) {
                throw new IllegalStateException("nothing to undo in " + pending.id);
            }
            trace(a, "unlock " + lock);
            alive(lock, "releases");
            boolean touchedAgain = lock.handOver(this, pending.lockMode);
            env.checkers().released(this, lock, pending.lockMode);
            if (touchedAgain) {
                releasing.set(lock);
                env.scheduler().after(lane, 0, this, LAST_TOUCH, 0);
            } else {
                advance();
            }
            return;
        }
        trace(a, undo.id());
        if (undo.body() != null) {
            env.checkers().begin(this, a.program, undo.id(), undo.footprint());
            undo.body().accept(a.frame);
            env.checkers().end();
        } else if (undo.call() != null) {
            push(undo.call().apply(a.frame), true);
        }
        advance();
    }

    /** Finds what comes next and schedules it; instructions that only steer are carried out on the way. */
    private void advance() {
        Activation<?> a = top.get();
        while (a != null && !proceed(a)) {
            a = top.get();
        }
    }

    /** True if the activation's next step is scheduled; false if the top activation changed. */
    private <F> boolean proceed(Activation<F> a) {
        Activation.Pending<F> undo = a.settle();
        if (undo != null) {
            undoing.set(undo);
            HostCost cost = undo.undo == null ? HostCost.ATOMIC : undo.undo.cost();
            schedule(UNDO, env.costs().ps(cost));
            return true;
        }
        if (a.forward()) {
            schedule(RUN, cost(a, a.instruction()));
            return true;
        }
        return end(a);
    }

    private void schedule(int op, long delayPs) {
        env.scheduler().after(lane, delayPs, this, op, 0);
    }

    private <F> long cost(Activation<F> a, Instruction<F> instruction) {
        if (instruction instanceof Instruction.Step<F> step) {
            return env.costs().ps(step.cost());
        }
        if (instruction instanceof Instruction.Spend<F> spend) {
            return spend.ps().applyAsLong(a.frame);
        }
        if (instruction instanceof Instruction.Acquire<F>) {
            return env.costs().ps(HostCost.LOCK);
        }
        return env.costs().ps(instruction instanceof Instruction.Branch<F> ? HostCost.ATOMIC : HostCost.FREE);
    }

    /** True if the task's program is over: whatever its completion started has scheduled itself. */
    private boolean end(Activation<?> a) {
        int error = a.error.get();
        Activation<?> parent = a.parent;
        top.set(parent);
        if (parent == null) {
            IntConsumer done = completion.require();
            completion.set(null);
            env.world().retireScratch();
            env.checkers().ended(this, error);
            done.accept(error);
            return true;
        }
        if (!a.undoCall) {
            parent.answered(error);
        }
        return false;
    }

    private void trace(Activation<?> a, String step) {
        env.trace().step(lane.name(), env.scheduler().now(), a.program.name(), step);
    }

    @Override
    public long stableId() {
        return lane.stableId();
    }

    @Override
    public String toString() {
        return lane.name();
    }
}
