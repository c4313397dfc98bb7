package org.iommusim.iommufd.policy;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.iommusim.sim.check.Position;
import org.iommusim.sim.check.Violation;

/**
 * Tells which findings of checkers are what a kernel is known and accepted to do wrong, by the checker and by where the tasks
 * stood. A finding that no rule knows, or whose deviation this kernel does not accept, is a violation.
 */
public final class AcceptedDeviations {
    private static final String REMOVE = "iommufd_object_remove";
    private static final String VDEVICE_ALLOC = "IOMMU_VDEVICE_ALLOC";
    private static final String VEVENTQ_ALLOC = "IOMMU_VEVENTQ_ALLOC";

    private static final List<Rule> RULES = List.of(
            new Rule("forced-destroy", "A2", v -> v.message().endsWith("is free")),
            new Rule("forced-destroy", "D1", v -> v.message().endsWith("stays taken")),
            new Rule("spurious-busy", "D2", v -> anybody(v, p -> p.in("iommufd_device_pre_destroy"))),
            new Rule("spurious-busy", "D2", v -> anybody(v, p -> p.in("iommufd_device_remove_vdev"))),
            new Rule("spurious-busy", "D2", v -> anybody(v, p -> p.in("iommufd_device_unbind"))),
            new Rule("unbind-lock-sleep", "D6", v -> first(v, p -> p.in(VDEVICE_ALLOC))),
            new Rule("unbounded-wait", "D6", v -> sleepsUnder(v, VDEVICE_ALLOC, "igroup->lock")),
            new Rule("must-succeed", "D7", AcceptedDeviations::gaveUp),
            new Rule("WARN", "D7", AcceptedDeviations::gaveUp),
            new Rule("event-vsid", "D8", v -> true),
            new Rule("hardware-state-order", "B8", v -> true),
            new Rule("hardware-state-order", "D9", v -> true),
            new Rule("completed-before-invalidated", "E6", v -> true),
            new Rule("wrong-context", "E7", v -> v.message().endsWith("since its virtual id was looked up")),
            new Rule("unbind-lock-sleep", "E8", v -> first(v, p -> p.in(VEVENTQ_ALLOC))),
            new Rule("unbounded-wait", "E8", v -> sleepsUnder(v, VEVENTQ_ALLOC, "veventqs_rwsem")),
            new Rule("half-made", "E9", v -> v.message().endsWith("torn down already")),
            new Rule("spurious-busy", "E10", v -> v.message().contains("automatic page table")),
            new Rule("lost-wakeup", "E11", v -> first(v, p -> p.in(REMOVE))));

    private final LifecyclePolicy policy;

    /** What this kernel is accepted to do wrong. */
    public AcceptedDeviations(LifecyclePolicy policy) {
        this.policy = policy;
    }

    /** The id of the accepted deviation that a finding shows, or empty if it is a violation. */
    public Optional<String> idOf(Violation violation) {
        return RULES.stream()
                .filter(rule -> rule.checker.equals(violation.checker())
                        && policy.accepts(rule.id)
                        && rule.where.test(violation))
                .map(Rule::id)
                .findFirst();
    }

    /** True if a finding is a violation. */
    public boolean refuses(Violation violation) {
        return idOf(violation).isEmpty();
    }

    /** The ids for which there is a rule. */
    static List<String> ids() {
        return RULES.stream().map(Rule::id).distinct().sorted().toList();
    }

    /** The checkers for whose findings there is a rule. */
    public static List<String> checkers() {
        return RULES.stream().map(Rule::checker).distinct().sorted().toList();
    }

    private static boolean first(Violation violation, Predicate<Position> where) {
        return !violation.scene().isEmpty() && where.test(violation.scene().get(0));
    }

    private static boolean anybody(Violation violation, Predicate<Position> where) {
        return violation.scene().stream().anyMatch(where);
    }

    /** Somebody sleeps for ever in a program with a lock held: for a page of its user's memory. */
    private static boolean sleepsUnder(Violation violation, String program, String lock) {
        return anybody(
                violation,
                p -> p.in(program) && p.holds().contains(lock) && !p.waitsFor().isEmpty());
    }

    /** The removal waited its 60 s; not one that found users that it did not expect. */
    private static boolean gaveUp(Violation violation) {
        return first(violation, p -> p.in(REMOVE) && p.step().equals("fails"));
    }

    private record Rule(String checker, String id, Predicate<Violation> where) {}
}
