package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;

/** Programs of verbs that every actor has. */
final class Bodies {
    private static final Program<Sleep> SLEEP =
            Program.<Sleep>named("sleep").spend("sleep", f -> f.ps).build();
    private static final Program<Sleep> NOT_BUILT = Program.<Sleep>named("not built")
            .check("built", f -> false, Errno.EOPNOTSUPP)
            .build();

    private Bodies() {}

    static Call<?> sleep(StepArguments step) {
        return new Call<>(SLEEP, new Sleep(step, step.number("time", 0)));
    }

    static Call<?> notBuilt(StepArguments step) {
        return new Call<>(NOT_BUILT, new Sleep(step, 0));
    }

    private static final class Sleep extends Frame {
        private final long ps;

        Sleep(StepArguments step, long ps) {
            super(step.actor().machine().simulation().world());
            this.ps = ps;
        }
    }
}
