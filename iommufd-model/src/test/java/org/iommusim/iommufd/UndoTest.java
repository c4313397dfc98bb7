package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.event.ExploringChoice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All state of the object model is in cells: what happened can be taken back, and happens again in the same way. */
class UndoTest {
    @ParameterizedTest
    @CsvSource({
        "linux-7.3, true", "linux-6.17, true", "linux-6.13, true", "v5-posted, false", "v5-review, true",
        "v5-review-literal, false", "zombie, true", "rfc1-auto-destroy, true", "xu-v2, true", "xu-v3, true"
    })
    void shouldTakeBackAnUnbindAndDoItAgain(String kernel, boolean silent) {
        // Every third choice is the last task, else the first: unbind and destroy meet half way.
        int[] choices = {0};
        Rig rig = new Rig(
                new ExploringChoice(alternatives -> ++choices[0] % 3 == 0 ? alternatives - 1 : 0),
                Kernels.find(kernel).orElseThrow());
        VfioFile file = rig.open(rig.plug("net0", 0x100));
        int dev = rig.bind(file);
        int ioas = rig.ioasAlloc();
        long va = rig.process.mmap(1 << 20, false);
        int parent = rig.hwptAlloc(dev, ioas, true);
        int viommu = rig.viommuAlloc(dev, parent);
        int vdev = rig.vdeviceAlloc(viommu, dev, 8);
        rig.simulation.world().startJournaling();
        int mark = rig.simulation.world().mark();
        long hash = rig.simulation.world().hash();

        choices[0] = 0;
        List<String> first = play(rig, file, viommu, dev, vdev);
        rig.simulation.world().undoTo(mark);
        assertThat(rig.simulation.world().hash()).isEqualTo(hash);
        assertThat(rig.audit()).isEmpty();
        choices[0] = 0;
        List<String> second = play(rig, file, viommu, dev, vdev);

        assertThat(second).isEqualTo(first).isNotEmpty();
        rig.simulation.world().undoTo(mark);
        assertThat(rig.map(ioas, va, 1 << 20, 0x100000)).isZero();
        rig.simulation.world().undoTo(mark);
        assertThat(rig.process.pinnedPages()).isZero();
        assertThat(rig.memory.pins(rig.process.translate(va))).isZero();
        assertThat(rig.violations().isEmpty()).isEqualTo(silent);
    }

    private static List<String> play(Rig rig, VfioFile file, int viommu, int dev, int vdev) {
        rig.objectEvents.clear();
        int violations = rig.violations().size();
        List<String> answers = new ArrayList<>();
        rig.start(rig.ioctl(ObjectPrograms.destroy(rig.ctx, vdev)), errno -> answers.add("destroy " + errno));
        rig.start(rig.ioctl(VdeviceAlloc.call(rig.ctx, viommu, dev, 9)), errno -> answers.add("alloc " + errno));
        rig.start(Vfio.close(file), errno -> answers.add("close " + errno));
        rig.settle();
        answers.addAll(rig.objectEvents);
        answers.addAll(rig.violations().subList(violations, rig.violations().size()));
        return answers;
    }
}
