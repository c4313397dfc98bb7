package org.iommusim.iommufd.kernels;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.device.DevicePaths;
import org.iommusim.iommufd.ioctl.IoctlPaths;
import org.iommusim.iommufd.object.ObjectPaths;
import org.iommusim.iommufd.policy.PolicyPath;
import org.iommusim.iommufd.policy.ProgramSet;
import org.iommusim.sim.program.Program;

/** Puts a kernel's programs into the order in which its paths call them. */
final class PolicyPaths {
    private PolicyPaths() {}

    static List<PolicyPath> of(ProgramSet programs) {
        return List.of(
                new PolicyPath("ALLOC", IoctlPaths.vdeviceAlloc(programs)),
                new PolicyPath("UNWIND", join(ObjectPaths.abort(), DevicePaths.vdeviceAbort(programs))),
                new PolicyPath("DESTROY", join(ObjectPaths.remove(), DevicePaths.vdeviceDestroy(programs))),
                new PolicyPath(
                        "UNBIND",
                        join(
                                DevicePaths.unbind(programs),
                                join(ObjectPaths.remove(), DevicePaths.idevRemoval(programs)))),
                new PolicyPath("RELEASE", ObjectPaths.release()),
                new PolicyPath("INVALIDATE", IoctlPaths.invalidate()),
                new PolicyPath("OBJECTS", ObjectPaths.all()));
    }

    private static List<Program<?>> join(List<Program<?>> first, List<Program<?>> then) {
        List<Program<?>> all = new ArrayList<>(first);
        all.addAll(then);
        return all;
    }
}
