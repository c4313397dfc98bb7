package org.iommusim.iommufd.variant;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.iommufd.actor.MockDeviceVariants;
import org.iommusim.iommufd.actor.VmmVariants;
import org.iommusim.iommufd.device.AttachVariants;
import org.iommusim.iommufd.device.VdeviceVariants;
import org.iommusim.iommufd.eventq.EventqVariants;
import org.iommusim.iommufd.ioctl.IoctlVariants;
import org.iommusim.iommufd.ioctl.VdeviceAllocVariants;
import org.iommusim.iommufd.object.RemoveVariants;
import org.iommusim.iommufd.pt.PtVariants;
import org.iommusim.iommufd.vfio.VfioVariants;
import org.iommusim.sim.variant.Variant;

/** All known bugs that can be brought back. */
public final class Variants {
    private Variants() {}

    /** All variants, ordered by name. */
    public static List<Variant> all() {
        List<Variant> all = new ArrayList<>();
        all.addAll(AttachVariants.all());
        all.addAll(EventqVariants.all());
        all.addAll(IoctlVariants.all());
        all.addAll(MockDeviceVariants.all());
        all.addAll(PtVariants.all());
        all.addAll(RemoveVariants.all());
        all.addAll(VdeviceAllocVariants.all());
        all.addAll(VdeviceVariants.all());
        all.addAll(VfioVariants.all());
        all.addAll(VmmVariants.all());
        IommuProvider.all().forEach(provider -> all.addAll(provider.variants()));
        all.sort(Comparator.comparing(Variant::name));
        return List.copyOf(all);
    }

    /** The variant of this name, if there is one. */
    public static Optional<Variant> find(String name) {
        return all().stream().filter(variant -> variant.name().equals(name)).findFirst();
    }
}
