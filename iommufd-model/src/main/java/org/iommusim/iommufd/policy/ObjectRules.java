package org.iommusim.iommufd.policy;

import java.util.List;

/**
 * Where the object core (main.c) of kernels differs.
 *
 * @param finalizeRule how an object is published
 * @param abortRule how an id that was not published is given back
 * @param wakeReachesWaiter whether the wake-up of {@code iommufd_put_object} reaches the sleeper of {@code
 *     iommufd_object_dec_wait}. It does not in any kernel up to 7.3: the put wakes interruptible sleepers, the remover
 *     sleeps uninterruptibly, so that it ends at its timer although the last reference is long gone
 * @param destroyWaitPs how long a remover waits for temporary references, ps
 */
public record ObjectRules(
        FinalizeRule finalizeRule, AbortRule abortRule, boolean wakeReachesWaiter, long destroyWaitPs) {
    private static final long SECOND = 1_000_000_000_000L;
    private static final long WAIT = 60 * SECOND;

    /** Linux 6.12 with the first version of vDEVICEs. */
    public static final ObjectRules LINUX_6_12 = new ObjectRules(FinalizeRule.STORE, AbortRule.ERASE, false, WAIT);
    /** Linux 6.13 to 6.16. */
    public static final ObjectRules LINUX_6_13 =
            new ObjectRules(FinalizeRule.RAW_STORE, AbortRule.RAW_ERASE, false, WAIT);
    /** Linux 6.17 and later. */
    public static final ObjectRules LINUX_6_17 =
            new ObjectRules(FinalizeRule.RAW_STORE, AbortRule.RAW_ERASE_UNUSED, false, WAIT);

    /** These rules with another one for publishing. */
    public ObjectRules with(FinalizeRule rule) {
        return new ObjectRules(rule, abortRule, wakeReachesWaiter, destroyWaitPs);
    }

    /** These rules, but with a wake-up that reaches the remover. */
    public ObjectRules withWakeReachingWaiter() {
        return new ObjectRules(finalizeRule, abortRule, true, destroyWaitPs);
    }

    List<PolicyRule> lines() {
        return List.of(
                new PolicyRule("finalize", finalizeRule.text()),
                new PolicyRule("abort", abortRule.text()),
                new PolicyRule(
                        "wake-up of a put",
                        wakeReachesWaiter
                                ? "reaches the remover"
                                : "wakes interruptible sleepers only: the remover sleeps on until its timer"),
                new PolicyRule("remover's wait", "at most " + destroyWaitPs / SECOND + " s"));
    }
}
