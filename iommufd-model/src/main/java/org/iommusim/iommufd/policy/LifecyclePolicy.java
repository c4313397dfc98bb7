package org.iommusim.iommufd.policy;

import java.util.List;
import java.util.Optional;

/**
 * What one kernel does where kernels differ.
 *
 * @param name as the option {@code --kernel} and scenarios spell it
 * @param summary one sentence
 * @param wakeReachesWaiter whether the wake-up of {@code iommufd_put_object} reaches the sleeper of {@code
 *     iommufd_object_dec_wait}. It does not in any kernel up to 7.3: the put wakes interruptible sleepers, the remover
 *     sleeps uninterruptibly, so that it ends at its timer although the last reference is long gone
 * @param destroyWaitPs how long a remover waits for temporary references, ps
 * @param accepted stable names of what this kernel is known and accepted to do wrong
 */
public record LifecyclePolicy(
        String name, String summary, boolean wakeReachesWaiter, long destroyWaitPs, List<String> accepted) {
    private static final long SECOND = 1_000_000_000_000L;

    /**
     * Linux 7.3: a vDEVICE keeps the device's object by its temporary reference; unbind destroys it and leaves a tombstone
     * at its id.
     */
    public static final LifecyclePolicy LINUX_7_3 = new LifecyclePolicy(
            "linux-7.3",
            "unbind destroys a live vDEVICE and leaves a tombstone at its id",
            false,
            60 * SECOND,
            List.of("D1", "D2", "D6", "D7", "D8", "D9", "E6", "E7", "E8", "E9", "E10", "E11"));

    /** Copies the list. */
    public LifecyclePolicy {
        accepted = List.copyOf(accepted);
    }

    /** This policy, but with a wake-up that reaches the remover. */
    public LifecyclePolicy withWakeReachingWaiter() {
        return new LifecyclePolicy(name, summary, true, destroyWaitPs, accepted);
    }

    /** All policies, newest first. */
    public static List<LifecyclePolicy> all() {
        return List.of(LINUX_7_3);
    }

    /** The policy of this name, if there is one. */
    public static Optional<LifecyclePolicy> find(String name) {
        return all().stream().filter(p -> p.name().equals(name)).findFirst();
    }
}
