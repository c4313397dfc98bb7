package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.iommufd.check.Contexts;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.world.Variable;

/** The contexts that the actors of a machine have opened. */
final class OpenedContexts implements Contexts {
    private static final Variable OPENED = Variable.named("check.contexts");

    private final Machine machine;
    private final CellList<IommufdCtx> opened;

    OpenedContexts(Machine machine) {
        this.machine = machine;
        opened = new CellList<>(machine.simulation().world(), OPENED);
    }

    void add(IommufdCtx ctx) {
        opened.add(ctx);
    }

    @Override
    public List<IommufdCtx> opened() {
        return opened.items();
    }

    @Override
    public int holders(IommufdCtx ctx) {
        int holders = 0;
        for (Actor actor : machine.actors()) {
            if (actor instanceof VmmActor vmm) {
                holders += vmm.holdersOf(ctx);
            }
        }
        return holders;
    }
}
