package org.iommusim.iommufd.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.iommufd.device.DeviceWatcher;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.IommuGroup;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/** A claim on a group's DMA is given back exactly once: by then the group has had as many claims as it gave back. */
public final class DmaOwnerOnce implements Checker, DeviceWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("dma-owner", "the DMA of a group is given back as often as it was claimed");

    private static final Variable CLAIMS = Variable.named("check.dma-owner");

    private final Kernel kernel;
    private final TreeMap<Long, IntCell> claims = new TreeMap<>();

    /** Watches a kernel. */
    public DmaOwnerOnce(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(CLAIMS);
    }

    @Override
    public void claimed(HostDevice device) {
        claims(device.group()).add(1);
    }

    @Override
    public void disclaimed(HostDevice device, int left) {
        IommuGroup group = device.group();
        int ours = claims(group).add(-1);
        if (ours < 0 || left != ours) {
            claims(group).set(Math.max(ours, 0));
            kernel.simulation()
                    .violations()
                    .report(
                            INFO.name(),
                            "a claim on the DMA of " + group + " is given back that nobody has: by its own count "
                                    + left + " are left, by what was claimed and given back " + ours);
        }
    }

    private IntCell claims(IommuGroup group) {
        return claims.computeIfAbsent(group.stableId(), k -> new IntCell(kernel.world(), CLAIMS, k, 0));
    }
}
