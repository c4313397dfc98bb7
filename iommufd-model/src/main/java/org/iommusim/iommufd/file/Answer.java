package org.iommusim.iommufd.file;

import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.jspecify.annotations.Nullable;

/** Operations that only answer. */
public final class Answer extends Frame {
    private static final Program<Answer> PROGRAM = Program.<Answer>named("answer")
            .attempt("answer", HostCost.LOCAL, Footprint.LOCAL, Answer::answer)
            .build();

    private final long value;
    private final @Nullable LongCell result;

    private Answer(Kernel kernel, long value, @Nullable LongCell result) {
        super(kernel.world());
        this.value = value;
        this.result = result;
    }

    /** Answers 0 or an error. */
    public static Call<?> of(Kernel kernel, int errno) {
        return new Call<>(PROGRAM, new Answer(kernel, errno, null));
    }

    /** Succeeds with a number. */
    public static Call<?> of(Kernel kernel, long value, LongCell result) {
        return new Call<>(PROGRAM, new Answer(kernel, value, result));
    }

    private int answer() {
        if (result == null) {
            return (int) value;
        }
        result.set(value);
        return 0;
    }
}
