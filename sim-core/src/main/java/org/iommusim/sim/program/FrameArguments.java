package org.iommusim.sim.program;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.Mix;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * What a program was called with: the plain final fields of its frame. Locals live in cells and weigh in the hash by
 * themselves; the arguments are fixed when the frame is made, and are weighed once, then.
 */
final class FrameArguments {
    private static final ClassValue<List<Field>> FIELDS = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            List<Field> fields = new ArrayList<>();
            for (Class<?> c = type; c != Object.class && c != null; c = c.getSuperclass()) {
                for (Field field : c.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())
                            && !Cell.class.isAssignableFrom(field.getType())
                            && field.getType() != World.class) {
                        field.setAccessible(true);
                        fields.add(field);
                    }
                }
            }
            return fields;
        }
    };

    private FrameArguments() {}

    /** A hash of a frame's arguments that is the same in every run. */
    static long weigh(Object frame) {
        long hash = 0;
        for (Field field : FIELDS.get(frame.getClass())) {
            hash = Mix.mix(hash * 31 + weight(value(field, frame)));
        }
        return hash;
    }

    private static @Nullable Object value(Field field, Object frame) {
        try {
            return field.get(frame);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("a frame's field cannot be read: " + field, e);
        }
    }

    private static long weight(@Nullable Object value) {
        if (value instanceof long[] words) {
            return Arrays.hashCode(words);
        }
        if (value instanceof byte[] bytes) {
            return Arrays.hashCode(bytes);
        }
        if (value instanceof Call<?> call) {
            return call.program().name().hashCode() + weigh(call.frame());
        }
        if (value instanceof List<?> list) {
            long hash = 1;
            for (Object element : list) {
                hash = Mix.mix(hash * 31 + weight(element));
            }
            return hash;
        }
        return World.stableHash(value);
    }
}
