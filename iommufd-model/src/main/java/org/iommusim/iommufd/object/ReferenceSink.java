package org.iommusim.iommufd.object;

import org.iommusim.sim.world.Identified;

/** Takes who holds which reference and why; see {@link GraphAudit}. */
public interface ReferenceSink {
    /** The object that is asked, or the kernel on its behalf, holds {@code users} references on {@code held}. */
    void users(IommufdObject held, int count, String why);

    /** It holds a {@code wait_cnt} reference on {@code held} beyond the call that took it. */
    void waits(IommufdObject held, String why);

    /** It holds a reference on the context's file. */
    void file(IommufdCtx held, String why);

    /**
     * Something that several objects share counts them, and this one is {@code share} of it.
     *
     * @param shared what is shared
     * @param name of the count
     * @param actual what the count is now
     */
    void share(Identified shared, String name, long actual, long share);

    /** The object that is asked contradicts itself. */
    void finding(String what);
}
