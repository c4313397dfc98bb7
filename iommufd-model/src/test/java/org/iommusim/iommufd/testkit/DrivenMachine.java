package org.iommusim.iommufd.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;

/** A machine of one kernel with a bound device and a vIOMMU, and tasks that a test drives step by step. */
public class DrivenMachine {
    public static final long VIRT_ID = 8;

    public final ByHand hand = new ByHand();
    public final Rig rig;
    public final PciSlot slot;
    public final VfioFile file;
    public final int dev;
    public final int ioas;
    public final int parent;
    public final int viommu;
    private final Map<Task, Integer> answers = new LinkedHashMap<>();

    /** Makes a machine of a kernel. */
    public DrivenMachine(String kernel) {
        this(kernel, rig -> {});
    }

    /** Makes a machine; {@code first} is done before anything else happens on it. */
    protected DrivenMachine(String kernel, Consumer<Rig> first) {
        rig = new Rig(hand, Kernels.find(kernel).orElseThrow());
        first.accept(rig);
        hand.drive(rig.simulation.scheduler());
        slot = rig.slot("net0", 0x100, rig.driver);
        assertThat(rig.run(Hotplug.plug(slot))).isZero();
        file = rig.open(Rig.device(slot));
        dev = rig.bind(file);
        ioas = rig.ioasAlloc();
        parent = rig.hwptAlloc(dev, ioas, true);
        viommu = rig.viommuAlloc(dev, parent);
    }

    /** Makes a vDEVICE of the device, at once. */
    public int vdevice() {
        int vdev = rig.vdeviceAlloc(viommu, dev, VIRT_ID);
        assertThat(vdev).isPositive();
        return vdev;
    }

    /** Starts a call in a task of its own. */
    public Task start(Call<?> call) {
        Task[] task = new Task[1];
        task[0] = rig.start(call, errno -> answers.put(task[0], errno));
        return task[0];
    }

    /** Starts an IOMMU_VDEVICE_ALLOC. */
    public Task alloc(int device, long virtId) {
        return start(rig.ioctl(VdeviceAlloc.call(rig.ctx, viommu, device, virtId)));
    }

    /** Starts an IOMMU_DESTROY. */
    public Task destroy(int id) {
        return start(rig.ioctl(ObjectPrograms.destroy(rig.ctx, id)));
    }

    /** Starts to close the device's file. */
    public Task unbind() {
        rig.closed();
        return start(Vfio.close(file));
    }

    /** What an ended task has answered. */
    public String answer(Task task) {
        assertThat(task.idle()).as("%s at %s", task, task.position()).isTrue();
        Integer errno = answers.get(task);
        return errno == null ? "none" : Errno.name(errno);
    }

    /** Runs a task to its end; its answer. */
    public String finish(Task task) {
        assertThat(hand.asFarAsPossible(task))
                .as("%s at %s waits for %s", task, task.position(), task.waitingFor())
                .isTrue();
        return answer(task);
    }

    /** Somebody has warned of something. */
    public void warns(String what) {
        assertThat(rig.violations()).anyMatch(v -> v.startsWith("WARN: ") && v.contains(what));
    }

    /** Somebody has used something after it was freed. */
    public void usesAfterFree(String what) {
        assertThat(rig.violations()).anyMatch(v -> v.startsWith("use-after-free: ") && v.contains(what));
    }

    /** True if the bound device's object is still there. */
    public boolean idevIsLeft() {
        return rig.ctx.objects().load(dev) != null;
    }
}
