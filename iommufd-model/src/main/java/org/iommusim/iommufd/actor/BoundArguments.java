package org.iommusim.iommufd.actor;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.sim.time.Picoseconds;
import org.jspecify.annotations.Nullable;

/** The arguments of one step of an actor, resolved at the moment when the step starts. */
final class BoundArguments implements StepArguments {
    private final Actor actor;
    private final ScriptStep step;
    private final SortedMap<String, Long> outputs = new TreeMap<>();

    BoundArguments(Actor actor, ScriptStep step) {
        this.actor = actor;
        this.step = step;
    }

    @Override
    public Actor actor() {
        return actor;
    }

    @Override
    public boolean has(String field) {
        return step.values().containsKey(field);
    }

    @Override
    public long number(String field, long absent) {
        Object value = step.values().get(field);
        return value == null ? absent : resolve(value);
    }

    @Override
    public String text(String field, String absent) {
        Object value = step.values().get(field);
        return value == null ? absent : value.toString();
    }

    @Override
    public boolean flag(String field) {
        return Boolean.TRUE.equals(step.values().get(field));
    }

    @Override
    public List<String> words(String field) {
        Object value = step.values().get(field);
        return value instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of();
    }

    @Override
    public long reference(String field) {
        return number(field, 0);
    }

    @Override
    public void bind(String field, long value) {
        Object name = step.values().get(field);
        if (name != null) {
            actor.bind(name.toString(), value);
        }
    }

    @Override
    public void output(String name, long value) {
        outputs.put(name, value);
    }

    @Override
    public ScriptException problem(String problem) {
        return new ScriptException(step.where(), problem);
    }

    SortedMap<String, Long> outputs() {
        return Collections.unmodifiableSortedMap(outputs);
    }

    private long resolve(Object value) {
        if (value instanceof Long number) {
            return number;
        }
        Long bound = lookUp(value.toString());
        return bound == null ? 0 : bound;
    }

    private @Nullable Long lookUp(String reference) {
        if (!reference.startsWith("$")) {
            throw problem("'" + reference + "' is neither a number nor a reference");
        }
        int dot = reference.indexOf('.');
        Actor owner = dot < 0 ? actor : actor.machine().actor(reference.substring(1, dot));
        if (owner == null) {
            throw problem("'" + reference + "' names no actor");
        }
        return owner.binding(reference.substring(dot < 0 ? 1 : dot + 1));
    }

    /** The fields in the verb's order, references with what they stand for. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (Field field : step.verb().fields()) {
            Object value = step.values().get(field.name());
            if (value != null) {
                text.append(text.isEmpty() ? "" : " ")
                        .append(field.name())
                        .append('=')
                        .append(shown(field, value));
            }
        }
        return text.toString();
    }

    private String shown(Field field, Object value) {
        if (value instanceof String word && word.startsWith("$")) {
            Long bound = lookUp(word);
            return word + (bound == null ? "(unbound)" : "(" + shown(bound, field) + ")");
        }
        return value instanceof Long number ? shown(number, field) : value.toString();
    }

    private static String shown(long value, Field field) {
        if (field.kind() == FieldKind.DURATION) {
            return Picoseconds.text(value).replace(" ", "");
        }
        boolean hex =
                field.kind() == FieldKind.SIZE || field.kind() == FieldKind.VIRT_ID || value < 0 || value >= 1 << 16;
        return hex ? "0x" + Long.toHexString(value) : Long.toString(value);
    }
}
