package org.iommusim.sim.program;

import java.util.function.Predicate;

/** Instructions that decide something, with another condition. */
final class WithCondition {
    private WithCondition() {}

    static <F> Instruction<F> of(Instruction<F> instruction, Predicate<F> condition) {
        if (instruction instanceof Instruction.Branch<F> branch) {
            return new Instruction.Branch<>(branch.id(), branch.footprint(), condition, branch.orElse());
        }
        if (instruction instanceof Instruction.Unless<F> unless) {
            return new Instruction.Unless<>(unless.id(), condition, unless.orElse());
        }
        if (instruction instanceof Instruction.Await<F> await) {
            return new Instruction.Await<>(
                    await.id(),
                    await.footprint(),
                    await.queue(),
                    await.mode(),
                    condition,
                    await.timeoutPs(),
                    await.onTimeout());
        }
        throw new IllegalArgumentException("'" + instruction.id() + "' has no condition");
    }
}
