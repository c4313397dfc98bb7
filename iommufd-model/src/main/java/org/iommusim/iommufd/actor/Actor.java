package org.iommusim.iommufd.actor;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who acts: a name, a kind, and a script that runs step by step on a task of its own. Made by {@link
 * Machine#newVmm}, {@link Machine#newGuest} and {@link Machine#newHost}.
 */
public abstract class Actor implements Identified {
    static final Variable BINDING = Variable.named("actor.binding");
    private static final Variable POSITION = Variable.privateTo("actor.position");

    private final Machine machine;
    private final String name;
    private final ActorKind kind;
    private final Task task;
    private final IntCell position;
    private final TreeMap<String, RefCell<Long>> bindings = new TreeMap<>();
    private List<ScriptStep> script = List.of();

    /** Makes an actor that has not started. */
    protected Actor(Machine machine, String name, ActorKind kind) {
        this.machine = machine;
        this.name = name;
        this.kind = kind;
        task = new Task(machine.simulation().tasks(), name);
        position = new IntCell(machine.simulation().world(), POSITION, task.stableId(), 0);
    }

    /** The actor's name. */
    public final String name() {
        return name;
    }

    /** What it is. */
    public final ActorKind kind() {
        return kind;
    }

    /** Where it acts. */
    public final Machine machine() {
        return machine;
    }

    /** The task that its steps run on. */
    public final Task task() {
        return task;
    }

    /** Index of the step that it is at; the number of steps when it has finished. */
    public final int position() {
        return position.get();
    }

    /** True when every step has ended. */
    public final boolean finished() {
        return position.get() == script.size();
    }

    /** The script that it was given. */
    public final List<ScriptStep> script() {
        return script;
    }

    /**
     * Starts the script; its first step begins when the machine has booted. Call once, before the scheduler runs.
     *
     * @throws IllegalStateException if the actor has a script already
     */
    public final void run(List<ScriptStep> steps) {
        if (!script.isEmpty()) {
            throw new IllegalStateException(name + " has a script already");
        }
        script = List.copyOf(steps);
        script.forEach(this::declare);
        next();
    }

    /** Every name and label has its cell before anything runs: which interleaving comes first must not number them. */
    private void declare(ScriptStep step) {
        for (Field field : step.verb().fields()) {
            Object name = step.values().get(field.name());
            if (field.kind() == FieldKind.NEW_NAME && name != null) {
                namespace().cell(name.toString());
            }
        }
        step.after().forEach(machine::declareLabel);
        if (!step.label().isEmpty()) {
            machine.declareLabel(step.label());
        }
    }

    /** Who keeps the names that its steps give: itself, or who it shares them with. */
    Actor namespace() {
        return this;
    }

    /** Where the actor stands, in words, e.g. {@code step 3 IOMMU_DESTROY, iommufd_object_remove: R2, wait queue ...}. */
    public final String describePosition() {
        if (finished()) {
            return "finished";
        }
        String waiting = task.waitingFor();
        return "step " + position.get() + " "
                + script.get(position.get()).verb().name() + ", " + task.position()
                + (waiting == null ? "" : ", waits for " + waiting);
    }

    private void next() {
        if (finished()) {
            return;
        }
        ScriptStep step = script.get(position.get());
        task.run(StepGate.call(machine, step), ignored -> start(step));
    }

    private void start(ScriptStep step) {
        BoundArguments arguments = new BoundArguments(this, step);
        machine.kernel().tell(ActorWatcher.class, watcher -> watcher.begins(this, step.verb()));
        if (machine.listener().wantsText()) {
            machine.listener().stepStarted(now(), name, position.get(), step.verb(), arguments.text());
        }
        task.run(step.verb().body().call(arguments), errno -> ended(step, arguments, errno));
    }

    private void ended(ScriptStep step, BoundArguments arguments, int errno) {
        int index = position.get();
        position.set(index + 1);
        if (!step.label().isEmpty()) {
            machine.setLabel(step.label());
        }
        machine.kernel().tell(ActorWatcher.class, watcher -> watcher.ended(this, step.verb(), errno));
        machine.listener().stepEnded(now(), name, index, step, errno, arguments.outputs(), step.allows(errno));
        next();
    }

    private long now() {
        return machine.simulation().now();
    }

    /** What a name stands for, or {@code null} if no step has bound it. */
    public final @Nullable Long binding(String of) {
        return namespace().cell(of).get();
    }

    final void bind(String to, long value) {
        namespace().cell(to).set(value);
    }

    private RefCell<Long> cell(String of) {
        return bindings.computeIfAbsent(
                of,
                key -> new RefCell<>(
                        machine.simulation().world(),
                        BINDING,
                        // Its name numbers it: names may be met in any order.
                        (task.stableId() << Integer.SIZE) + key.hashCode()));
    }

    @Override
    public final long stableId() {
        return task.stableId();
    }

    @Override
    public final String toString() {
        return kind.word() + " " + name;
    }
}
