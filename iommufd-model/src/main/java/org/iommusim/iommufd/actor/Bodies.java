package org.iommusim.iommufd.actor;

import java.util.function.IntConsumer;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.jspecify.annotations.Nullable;

/** What the programs of all verbs are made of. */
final class Bodies {
    private static final Footprint RESULTS =
            Process.MM.and(Actor.BINDING, FileTable.FILES, IommufdObject.LIFE, VfioFile.DF);

    private static final Program<Step> SLEEP =
            Program.<Step>named("sleep").spend("sleep", f -> f.number).build();

    private static final Program<Step> FAIL =
            Program.<Step>named("step").finish("answer", f -> (int) f.number).build();

    private static final Program<Step> THEN = Program.<Step>named("step")
            .invokeForAnswer("call", f -> f.call, (f, e) -> f.error.set(e))
            .step("bind results", HostCost.FREE, RESULTS, f -> f.then().accept(f.error.get()))
            .finish("answer", f -> f.error.get())
            .build();

    private Bodies() {}

    static Call<?> sleep(StepArguments step) {
        return new Call<>(SLEEP, new Step(step, step.number("time", 0), null, null));
    }

    /** A step that only answers. */
    static Call<?> answer(StepArguments step, int errno) {
        return new Call<>(FAIL, new Step(step, errno, null, null));
    }

    /** Runs a call, tells {@code then} its answer, and answers the same. */
    static Call<?> always(StepArguments step, Call<?> call, IntConsumer then) {
        return new Call<>(THEN, new Step(step, 0, call, then));
    }

    /** Runs a call, and {@code then} if it succeeded. */
    static Call<?> then(StepArguments step, Call<?> call, Runnable then) {
        return always(step, call, errno -> {
            if (errno == 0) {
                then.run();
            }
        });
    }

    private static final class Step extends Frame {
        private final long number;
        private final @Nullable Call<?> call;
        private final @Nullable IntConsumer then;
        private final IntCell error = count();

        Step(StepArguments step, long number, @Nullable Call<?> call, @Nullable IntConsumer then) {
            super(step.actor().machine().simulation().world());
            this.number = number;
            this.call = call;
            this.then = then;
        }

        private IntConsumer then() {
            return then == null ? errno -> {} : then;
        }
    }
}
