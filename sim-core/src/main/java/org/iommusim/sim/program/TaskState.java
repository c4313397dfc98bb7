package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** What a {@link Task} is doing and what it waits for, for those who only look. The task alone changes it. */
abstract sealed class TaskState permits Task {
    /** What a task is doing: nobody else looks at it. */
    private static final Variable TASK = Variable.privateTo("task");
    /** What a task waits for: others end the wait. */
    private static final Variable WAIT = Variable.named("task.wait");

    /** The innermost program in progress. */
    final RefCell<Activation<?>> top;

    final RefCell<Activation.Pending<?>> undoing;
    final RefCell<Lock> blockedOn;
    final RefCell<WaitQueue> sleepingOn;
    final RefCell<Lock> releasing;
    final IntCell wakePending;
    /** The timeout passed while a wake-up was on its way: the woken task decides. */
    final IntCell timeoutPassed;

    final RefCell<IntConsumer> completion;

    /** Makes the state of an idle task; {@code id} is that of its lane. */
    TaskState(World world, long id) {
        top = new RefCell<>(world, TASK, id);
        undoing = new RefCell<>(world, TASK, id + (1L << 32));
        blockedOn = new RefCell<>(world, WAIT, id + (2L << 32));
        sleepingOn = new RefCell<>(world, WAIT, id + (3L << 32));
        releasing = new RefCell<>(world, TASK, id + (6L << 32));
        timeoutPassed = new IntCell(world, WAIT, id + (7L << 32), 0);
        wakePending = new IntCell(world, WAIT, id + (4L << 32), 0);
        completion = new RefCell<>(world, TASK, id + (5L << 32));
    }

    /** True if it runs nothing. */
    public boolean idle() {
        return top.get() == null;
    }

    /** What the task waits for, in words, or {@code null} if it is running or idle. */
    public @Nullable String waitingFor() {
        Lock lock = blockedOn.get();
        if (lock != null) {
            return "lock " + lock;
        }
        WaitQueue queue = sleepingOn.get();
        return queue == null ? null : "wait queue " + queue;
    }

    /** The queue that it sleeps on, or {@code null}. */
    public @Nullable WaitQueue sleepsOn() {
        return sleepingOn.get();
    }

    /** Program and step at which the task stands, innermost activation, for messages; empty if idle. */
    public String position() {
        Activation<?> a = top.get();
        return a == null ? "" : a.program.name() + ": " + step();
    }

    /** The programs that it is inside of, the outermost first. */
    public List<String> programs() {
        List<String> programs = new ArrayList<>();
        for (Activation<?> a = top.get(); a != null; a = a.parent) {
            programs.add(0, a.program.name());
        }
        return programs;
    }

    /** True if it is inside of a program of this name. */
    public boolean inside(String program) {
        for (Activation<?> a = top.get(); a != null; a = a.parent) {
            if (a.program.name().equals(program)) {
                return true;
            }
        }
        return false;
    }

    /** The innermost program that it is inside of; empty if idle. */
    public String program() {
        Activation<?> a = top.get();
        return a == null ? "" : a.program.name();
    }

    /** The step of the innermost program that it stands at; empty if idle. */
    public String step() {
        Activation<?> a = top.get();
        if (a == null) {
            return "";
        }
        Activation.Pending<?> undo = undoing.get();
        Lock releases = releasing.get();
        if (undo != null) {
            return undo.what();
        }
        if (releases != null) {
            return "unlock " + releases;
        }
        // Who waits for a lock has its program counter behind it already.
        int at = blockedOn.get() == null ? a.pc.get() : a.pc.get() - 1;
        boolean ended = !a.forward() || at >= a.program.code().size();
        return ended ? "end" : a.program.code().get(at).id();
    }

    /** The lock that it waits for, or {@code null}. */
    public @Nullable Lock blockedOn() {
        return blockedOn.get();
    }

    /** True if it sleeps and its condition does not hold. */
    public boolean conditionFails() {
        Activation<?> a = top.get();
        return a != null && sleepingOn.get() != null && !holds(a);
    }

    private static <F> boolean holds(Activation<F> a) {
        return a.instruction() instanceof Instruction.Await<F> await
                && await.until().test(a.frame);
    }
}
