package org.iommusim.iommufd.check;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/** Which live objects hold one object, as the object graph explains it. */
final class Dependents implements ReferenceSink {
    private final IommufdObject subject;
    private final List<IommufdObject> holders = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private int waits = 1;
    private @Nullable IommufdObject asked;

    private Dependents(IommufdObject subject) {
        this.subject = subject;
    }

    /** Asks all live objects of its context. */
    static Dependents of(IommufdObject subject) {
        Dependents dependents = new Dependents(subject);
        for (IommufdObject object : subject.ctx().objects().live()) {
            dependents.asked = object;
            object.holds(dependents);
        }
        return dependents;
    }

    /** True if user space can see why the object is held: by something else than a page table that the kernel made itself. */
    boolean visible() {
        for (IommufdObject holder : holders) {
            boolean automatic = holder instanceof HwptPaging hwpt && hwpt.autoDomain();
            if (!automatic || of(holder).visible()) {
                return true;
            }
        }
        return false;
    }

    /** True if nothing holds it. */
    boolean none() {
        return holders.isEmpty();
    }

    /** True if a call holds it for its own time: more {@code wait_cnt} than the graph explains. */
    boolean heldByCall() {
        return subject.waitCnt() > waits;
    }

    /** Why, in words. */
    String describe() {
        return reasons.isEmpty() ? "nothing that lasts" : String.join(", ", reasons);
    }

    @Override
    public void users(IommufdObject held, int count, String why) {
        if (held == subject && asked != null) {
            holders.add(asked);
            reasons.add(why);
        }
    }

    @Override
    public void waits(IommufdObject held, String why) {
        if (held == subject) {
            waits++;
        }
    }

    @Override
    public void file(IommufdCtx held, String why) {}

    @Override
    public void share(Identified shared, String name, long actual, long share) {}

    @Override
    public void finding(String what) {}
}
