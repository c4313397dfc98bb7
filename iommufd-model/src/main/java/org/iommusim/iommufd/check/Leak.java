package org.iommusim.iommufd.check;

import org.iommusim.iommufd.object.GraphAudit;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.EndWatcher;

/**
 * A context that user space has closed, with all devices that it had bound, is released, and with it every object. Judged at
 * the end: what then holds the file of a closed context are its own objects, and nobody will ever free them.
 */
public final class Leak implements Checker, EndWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("leak", "a context that user space has closed is released with all that it holds");

    private final Kernel kernel;
    private final Contexts contexts;

    /** Watches a kernel. */
    public Leak(Kernel kernel, Contexts contexts) {
        this.kernel = kernel;
        this.contexts = contexts;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void atEnd() {
        for (IommufdCtx ctx : contexts.opened()) {
            if (contexts.holders(ctx) > 0) {
                continue;
            }
            if (!ctx.released()) {
                report(ctx + " is closed and never released: " + ctx.fileReferences() + " references hold its file, of "
                        + GraphAudit.describe(ctx));
            } else {
                for (IommufdObject object : ctx.objects().live()) {
                    report(object + " is left behind by the release of " + ctx);
                }
            }
        }
    }

    private void report(String what) {
        kernel.simulation().violations().report(INFO.name(), what);
    }
}
