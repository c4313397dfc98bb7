package org.iommusim.scenario.explore;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Field;
import org.iommusim.iommufd.actor.FieldKind;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Scenario.ActorScript;
import org.iommusim.sim.explore.MirroredSubject;
import org.jspecify.annotations.Nullable;

/**
 * Guesses which threads of a scenario are interchangeable: those of one VMM whose scripts are the same, but for names that
 * one thread alone uses, for something that the same kind of step has made. {@link MirroredSubject} finds out whether that is
 * so.
 */
final class InterchangeableThreads {
    /** Who uses a name or label. */
    private final Map<String, Set<String>> users = new TreeMap<>();
    /** Which kind of step gives a name. */
    private final Map<String, String> makers = new TreeMap<>();

    private InterchangeableThreads(Scenario scenario) {
        users.computeIfAbsent(label(scenario.exploreOrUnsaid().from()), name -> new TreeSet<>())
                .add("");
        scenario.actors().forEach(this::note);
    }

    /** The largest group of them, at most {@link MirroredSubject#MOST_GROUPS}; empty if there is none. */
    static List<String> of(Scenario scenario) {
        InterchangeableThreads threads = new InterchangeableThreads(scenario);
        List<String> most = List.of();
        for (ActorScript first : scenario.actors()) {
            List<String> group = scenario.actors().stream()
                    .filter(other -> threads.alike(first, other))
                    .limit(MirroredSubject.MOST_GROUPS)
                    .map(ActorScript::id)
                    .toList();
            if (group.size() > Math.max(1, most.size())) {
                most = group;
            }
        }
        return most;
    }

    private static String label(String label) {
        return "label " + label;
    }

    private void note(ActorScript actor) {
        for (ScriptStep step : actor.script()) {
            for (Field field : step.verb().fields()) {
                Object value = step.values().get(field.name());
                if (field.kind() == FieldKind.NEW_NAME && value != null) {
                    makers.put("$" + value, step.verb().name());
                } else if (field.kind() == FieldKind.REFERENCE && value != null) {
                    use(value.toString(), actor);
                }
            }
            step.after().forEach(label -> use(label(label), actor));
        }
    }

    private void use(String name, ActorScript actor) {
        users.computeIfAbsent(name, key -> new TreeSet<>()).add(actor.id());
    }

    private boolean alike(ActorScript one, ActorScript other) {
        if (one.kind() != ActorKind.THREAD
                || other.kind() != ActorKind.THREAD
                || !one.vmm().equals(other.vmm())
                || one.script().size() != other.script().size()) {
            return false;
        }
        Pairs pairs = new Pairs(one.id(), other.id());
        for (int i = 0; i < one.script().size(); i++) {
            if (!pairs.alike(one.script().get(i), other.script().get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Which name of one thread stands for which name of the other one. */
    private final class Pairs {
        private final String one;
        private final String other;
        private final Map<String, String> forth = new TreeMap<>();
        private final Map<String, String> back = new TreeMap<>();

        Pairs(String one, String other) {
            this.one = one;
            this.other = other;
        }

        boolean alike(ScriptStep a, ScriptStep b) {
            boolean same = a.verb().name().equals(b.verb().name())
                    && a.values().keySet().equals(b.values().keySet())
                    && a.answers().equals(b.answers())
                    && a.atPs() == b.atPs()
                    && a.after().size() == b.after().size()
                    && pair(label(a.label()), label(b.label()));
            for (Field field : a.verb().fields()) {
                same = same
                        && alike(
                                field.kind(),
                                a.values().get(field.name()),
                                b.values().get(field.name()));
            }
            for (int i = 0; same && i < a.after().size(); i++) {
                same = pair(label(a.after().get(i)), label(b.after().get(i)));
            }
            return same;
        }

        private boolean alike(FieldKind kind, @Nullable Object a, @Nullable Object b) {
            if (a == null || b == null) {
                return a == b;
            }
            return switch (kind) {
                case REFERENCE -> pair(a.toString(), b.toString());
                case NEW_NAME -> pair("$" + a, "$" + b);
                default -> a.equals(b);
            };
        }

        private boolean pair(String a, String b) {
            String toB = forth.putIfAbsent(a, b);
            String toA = back.putIfAbsent(b, a);
            return (toB == null || toB.equals(b))
                    && (toA == null || toA.equals(a))
                    && (a.equals(b) || own(a, one) && own(b, other) && Objects.equals(makers.get(a), makers.get(b)));
        }

        private boolean own(String name, String thread) {
            return Set.of(thread).containsAll(users.getOrDefault(name, Set.of()));
        }
    }
}
