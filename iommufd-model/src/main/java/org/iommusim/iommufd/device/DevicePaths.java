package org.iommusim.iommufd.device;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.iommusim.iommufd.policy.ProgramSet;
import org.iommusim.iommufd.policy.ProgramSlot;
import org.iommusim.sim.program.Program;

/** The programs of devices and vDEVICEs, in the order of their first call, for whoever reads them. */
public final class DevicePaths {
    private DevicePaths() {}

    /** What aborting a vDEVICE calls. */
    public static List<Program<?>> vdeviceAbort(ProgramSet programs) {
        return at(programs, VdevicePrograms.ABORT);
    }

    /** What destroying a vDEVICE calls. */
    public static List<Program<?>> vdeviceDestroy(ProgramSet programs) {
        return at(programs, VdevicePrograms.DESTROY, VdevicePrograms.ABORT);
    }

    /** What unbinding calls before it removes the idev. */
    public static List<Program<?>> unbind(ProgramSet programs) {
        return at(programs, IdevSlots.UNBIND);
    }

    /** What removing the idev calls. */
    public static List<Program<?>> idevRemoval(ProgramSet programs) {
        return at(programs, IdevSlots.PRE_DESTROY, IdevSlots.DESTROY, IdevSlots.REMOVE_VDEV);
    }

    /** A program that is at two slots comes once. */
    private static List<Program<?>> at(ProgramSet programs, ProgramSlot<?>... slots) {
        Set<Program<?>> found = new LinkedHashSet<>();
        for (ProgramSlot<?> slot : slots) {
            programs.find(slot).ifPresent(found::add);
        }
        return new ArrayList<>(found);
    }
}
