package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.testkit.DrivenMachine;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.program.Task;

/** A machine whose kernel is watched by one checker. */
final class CheckedMachine extends DrivenMachine {
    static final String UNLINK = "iommufd_object_remove: xa_lock: find, drop the caller's user, users 1 to 0, unlink";

    private final Attached attached;

    /** @param checker makes the checker of a kernel */
    CheckedMachine(String kernel, Function<Kernel, Checker> checker) {
        this(kernel, (made, contexts) -> checker.apply(made));
    }

    CheckedMachine(String kernel, OfContexts checker) {
        this(kernel, new Attached(checker));
    }

    private CheckedMachine(String kernel, Attached attached) {
        super(kernel, attached::to);
        this.attached = attached;
    }

    /** Makes a checker that looks at contexts, too. */
    interface OfContexts {
        Checker make(Kernel kernel, Contexts contexts);
    }

    /** The checker, and the one context that is open: its own file and the bound device's hold it. */
    private static final class Attached implements Contexts {
        final OfContexts checker;
        String name = "";
        List<IommufdCtx> opened = List.of();
        int holders = 2;

        Attached(OfContexts checker) {
            this.checker = checker;
        }

        void to(Rig rig) {
            Checker made = checker.make(rig.kernel, this);
            name = made.info().name();
            opened = List.of(rig.ctx);
            rig.simulation.checkers().attach(made);
        }

        @Override
        public List<IommufdCtx> opened() {
            return opened;
        }

        @Override
        public int holders(IommufdCtx ctx) {
            return holders;
        }
    }

    @Override
    public Task unbind() {
        dropHolder();
        return super.unbind();
    }

    /** One file less holds the context. */
    void dropHolder() {
        attached.holders--;
    }

    /** What the checker found so far. */
    List<Violation> found() {
        return rig.simulation.violations().violations().stream()
                .filter(violation -> violation.checker().equals(attached.name))
                .toList();
    }

    /** The only thing that the checker found. */
    String finding() {
        assertThat(found()).hasSize(1);
        return found().get(0).message();
    }

    /** What the checker found when it has been asked for the end, too. */
    List<Violation> foundInTheEnd() {
        rig.simulation.checkers().atEnd();
        return found();
    }
}
