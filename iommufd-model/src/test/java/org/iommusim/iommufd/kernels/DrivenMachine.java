package org.iommusim.iommufd.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.testkit.ByHand;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;

/** A machine of one kernel whose tasks are driven by hand. */
final class DrivenMachine {
    static final long VIRT_ID = 8;

    final ByHand hand = new ByHand();
    final Rig rig;
    final PciSlot slot;
    final VfioFile file;
    final int dev;
    final int parent;
    final int viommu;
    private final Map<Task, Integer> answers = new LinkedHashMap<>();

    DrivenMachine(String kernel) {
        rig = new Rig(hand, Kernels.find(kernel).orElseThrow());
        hand.drive(rig.simulation.scheduler());
        slot = rig.slot("net0", 0x100, rig.driver);
        assertThat(rig.run(Hotplug.plug(slot))).isZero();
        file = rig.open(Rig.device(slot));
        dev = rig.bind(file);
        parent = rig.hwptAlloc(dev, rig.ioasAlloc(), true);
        viommu = rig.viommuAlloc(dev, parent);
    }

    int vdevice() {
        int vdev = rig.vdeviceAlloc(viommu, dev, VIRT_ID);
        assertThat(vdev).isPositive();
        return vdev;
    }

    Task start(Call<?> call) {
        Task[] task = new Task[1];
        task[0] = rig.start(call, errno -> answers.put(task[0], errno));
        return task[0];
    }

    Task alloc(int dev, long virtId) {
        return start(rig.ioctl(VdeviceAlloc.call(rig.ctx, viommu, dev, virtId)));
    }

    Task destroy(int id) {
        return start(rig.ioctl(ObjectPrograms.destroy(rig.ctx, id)));
    }

    Task unbind() {
        rig.closed();
        return start(Vfio.close(file));
    }

    String answer(Task task) {
        assertThat(task.idle()).as("%s at %s", task, task.position()).isTrue();
        Integer errno = answers.get(task);
        return errno == null ? "none" : Errno.name(errno);
    }

    /** Runs a task to its end. */
    void finish(Task task) {
        assertThat(hand.asFarAsPossible(task))
                .as("%s at %s waits for %s", task, task.position(), task.waitingFor())
                .isTrue();
    }

    void warns(String what) {
        assertThat(rig.violations()).anyMatch(v -> v.startsWith("WARN: ") && v.contains(what));
    }

    void usesAfterFree(String what) {
        assertThat(rig.violations()).anyMatch(v -> v.startsWith("use-after-free: ") && v.contains(what));
    }

    boolean idevIsLeft() {
        return rig.ctx.objects().load(dev) != null;
    }
}
