package org.iommusim.iommufd.check;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectWatcher;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;

/** What the kernel cannot undo or refuse succeeds: above all the unbind of a device, which its driver cannot stop. */
public final class MustSucceed implements Checker, ObjectWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "must-succeed", "a removal that has no way to fail, such as that of an unbound device, does not fail");

    private final Kernel kernel;

    /** Watches a kernel. */
    public MustSucceed(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void failed(IommufdObject object, int errno) {
        kernel.simulation()
                .violations()
                .report(
                        INFO.name(),
                        "the removal of " + object + " (" + object.detail() + ") must not fail and fails with "
                                + Errno.name(errno) + ": users " + object.users() + ", wait_cnt " + object.waitCnt()
                                + ", held by " + Dependents.of(object).describe());
    }
}
