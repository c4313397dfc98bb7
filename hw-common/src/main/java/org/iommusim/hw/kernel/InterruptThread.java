package org.iommusim.hw.kernel;

import java.util.function.Supplier;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/**
 * The task of an interrupt handler. An interrupt that comes while it runs makes it run once more, so that none is lost
 * between the handler's last look at the hardware and its end.
 */
public final class InterruptThread {
    /** The variable of a pending interrupt. */
    public static final Variable PENDING = Variable.named("kernel.irq");

    private final Task task;
    private final Supplier<Call<?>> handler;
    private final IntCell pending;
    private final WaitQueue idle;

    /** Makes the task; {@code handler} makes a call of the handler's program. */
    public InterruptThread(Simulation simulation, String name, Supplier<Call<?>> handler) {
        task = new Task(simulation.tasks(), name);
        this.handler = handler;
        pending = new IntCell(simulation.world(), PENDING, simulation.world().nextInstance(), 0);
        idle = new WaitQueue(simulation.world(), name + " idle");
    }

    /** Woken when the handler has ended and no interrupt came meanwhile: what {@code synchronize_irq} waits for. */
    public WaitQueue idle() {
        return idle;
    }

    /** True while the handler runs. */
    public boolean running() {
        return !task.idle();
    }

    /** An interrupt arrives. */
    public void raise() {
        if (task.idle()) {
            task.run(handler.get(), this::done);
        } else {
            pending.set(1);
        }
    }

    private void done(int error) {
        if (pending.get() != 0) {
            pending.set(0);
            task.run(handler.get(), this::done);
        } else {
            idle.wakeAll();
        }
    }
}
