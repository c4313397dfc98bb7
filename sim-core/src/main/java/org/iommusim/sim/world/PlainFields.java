package org.iommusim.sim.world;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The fields of a class that are state, by name and with those of its superclasses. */
final class PlainFields {
    private static final ClassValue<PlainFields> KNOWN = new ClassValue<>() {
        @Override
        protected PlainFields computeValue(Class<?> type) {
            return new PlainFields(type);
        }
    };

    /** One field. */
    record Slot(Field field, boolean primitive, boolean fixed, boolean timing) {}

    private final List<Slot> slots = new ArrayList<>();

    private PlainFields(Class<?> type) {
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            boolean timing = c.isAnnotationPresent(Timing.class);
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    add(field, timing || field.isAnnotationPresent(Timing.class));
                }
            }
        }
        slots.sort(Comparator.comparing(slot ->
                slot.field().getName() + slot.field().getDeclaringClass().getName()));
    }

    static List<Slot> of(Class<?> type) {
        return KNOWN.get(type).slots;
    }

    private void add(Field field, boolean timing) {
        boolean primitive = field.getType().isPrimitive();
        boolean fixed = Modifier.isFinal(field.getModifiers());
        // A final number never changes, but objects that are made on the way may differ in nothing else.
        if (!(primitive && fixed && timing)) {
            field.setAccessible(true);
            slots.add(new Slot(field, primitive, fixed, timing));
        }
    }
}
