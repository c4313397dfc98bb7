package org.iommusim.iommufd.kernels;

import java.util.List;
import java.util.Optional;
import org.iommusim.iommufd.policy.LifecyclePolicy;

/** All kernels. */
public final class Kernels {
    /** Linux 7.3, which is simulated unless somebody asks for another one. */
    public static final LifecyclePolicy LINUX_7_3 = Mainline.LINUX_7_3;

    private Kernels() {}

    /** All kernels: the default one, then the others from the oldest to the newest. */
    public static List<LifecyclePolicy> all() {
        return List.of(
                LINUX_7_3,
                Proposals.V5_POSTED,
                Proposals.V5_REVIEW,
                Proposals.V5_REVIEW_LITERAL,
                Proposals.ZOMBIE,
                Mainline.LINUX_6_13,
                Proposals.RFC1_AUTO_DESTROY,
                Proposals.XU_V2,
                Proposals.XU_V3,
                Mainline.LINUX_6_17);
    }

    /** The kernel of this name, if there is one. */
    public static Optional<LifecyclePolicy> find(String name) {
        return all().stream().filter(policy -> policy.name().equals(name)).findFirst();
    }
}
