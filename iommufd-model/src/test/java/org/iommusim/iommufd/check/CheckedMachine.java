package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.DestroyObject;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.testkit.ByHand;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;

/** A kernel with one checker, a bound device with a vIOMMU, and tasks that a test drives step by step. */
final class CheckedMachine implements Contexts {
    static final long VIRT_ID = 8;
    static final String UNLINK = "iommufd_object_remove: xa_lock: find, drop the caller's user, users 1 to 0, unlink";

    final ByHand hand = new ByHand();
    final Rig rig;
    final PciSlot slot;
    final VfioFile file;
    final int dev;
    final int ioas;
    final int parent;
    final int viommu;
    int holders = 2;
    private final Map<Task, Integer> answers = new LinkedHashMap<>();
    private final String checker;

    /** @param checker makes the checker of a kernel */
    CheckedMachine(String kernel, Function<Kernel, Checker> checker) {
        this(kernel, (made, contexts) -> checker.apply(made));
    }

    /** Makes a checker that looks at contexts, too. */
    interface OfContexts {
        Checker make(Kernel kernel, Contexts contexts);
    }

    CheckedMachine(String kernel, OfContexts checker) {
        rig = new Rig(hand, Kernels.find(kernel).orElseThrow());
        Checker attached = checker.make(rig.kernel, this);
        this.checker = attached.info().name();
        rig.simulation.checkers().attach(attached);
        hand.drive(rig.simulation.scheduler());
        slot = rig.slot("net0", 0x100, rig.driver);
        assertThat(rig.run(Hotplug.plug(slot))).isZero();
        file = rig.open(Rig.device(slot));
        dev = rig.bind(file);
        ioas = rig.ioasAlloc();
        parent = rig.hwptAlloc(dev, ioas, true);
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

    Task alloc(int device, long virtId) {
        return start(rig.ioctl(VdeviceAlloc.call(rig.ctx, viommu, device, virtId)));
    }

    Task destroy(int id) {
        return start(rig.ioctl(DestroyObject.call(rig.ctx, id)));
    }

    Task unbind() {
        rig.closed();
        holders--;
        return start(Vfio.close(file));
    }

    /** Runs a task to its end; its answer. */
    String finish(Task task) {
        assertThat(hand.asFarAsPossible(task))
                .as("%s at %s waits for %s", task, task.position(), task.waitingFor())
                .isTrue();
        return Errno.name(answers.getOrDefault(task, 1));
    }

    /** What the checker found so far. */
    List<Violation> found() {
        return rig.simulation.violations().violations().stream()
                .filter(violation -> violation.checker().equals(checker))
                .toList();
    }

    /** The only thing that the checker found. */
    String finding() {
        assertThat(found()).hasSize(1);
        return found().get(0).message();
    }

    /** What the checker found when it has been asked for the end, too. */
    List<Violation> foundInTheEnd() {
        rig.simulation.checkers().atEnd();
        return found();
    }

    @Override
    public List<IommufdCtx> opened() {
        return List.of(rig.ctx);
    }

    @Override
    public int holders(IommufdCtx ctx) {
        return holders;
    }
}
