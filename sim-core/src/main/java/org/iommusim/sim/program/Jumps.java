package org.iommusim.sim.program;

/** Where instructions jump to. */
final class Jumps {
    private Jumps() {}

    /** The position to which an instruction may jump, or -1. */
    static int target(Instruction<?> instruction) {
        if (instruction instanceof Instruction.Branch<?> branch) {
            return branch.orElse();
        }
        if (instruction instanceof Instruction.Unless<?> unless) {
            return unless.orElse();
        }
        if (instruction instanceof Instruction.Jump<?> jump) {
            return jump.target();
        }
        return instruction instanceof Instruction.BeginGuard<?> guard ? guard.ladder() : -1;
    }

    /** The same instruction with another position to jump to. */
    static <F> Instruction<F> to(Instruction<F> instruction, int position) {
        if (instruction instanceof Instruction.Branch<F> branch) {
            return new Instruction.Branch<>(branch.id(), branch.footprint(), branch.condition(), position);
        }
        if (instruction instanceof Instruction.Unless<F> unless) {
            return new Instruction.Unless<>(unless.id(), unless.condition(), position);
        }
        if (instruction instanceof Instruction.Jump<F> jump) {
            return new Instruction.Jump<>(jump.id(), position);
        }
        return new Instruction.BeginGuard<>(instruction.id(), position);
    }

    /** True if the instruction is part of the structure of a program: it begins or ends a block. */
    static boolean steers(Instruction<?> instruction) {
        return target(instruction) >= 0
                || instruction instanceof Instruction.EndGuard<?>
                || instruction instanceof Instruction.Rethrow<?>;
    }

    /** True if its id is its own and so must be unique. */
    static boolean named(Instruction<?> instruction) {
        return !(instruction instanceof Instruction.UndoNow<?>
                || instruction instanceof Instruction.Keep<?>
                || instruction instanceof Instruction.Jump<?>
                || instruction instanceof Instruction.EndGuard<?>
                || instruction instanceof Instruction.Rethrow<?>);
    }
}
