package org.iommusim.sim.world;

import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.iommusim.sim.world.PlainFields.Slot;
import org.jspecify.annotations.Nullable;

/**
 * State that lives in plain fields: what hardware does in the middle of a transaction, and what checkers of it remember. It
 * is found from a few roots, copied as a whole and put back as a whole, which is slower than cells but needs nothing from
 * the models. Only for explorations.
 *
 * <p>Followed are objects of classes that the owner names, arrays and collections. Everything else is a leaf: it is kept by
 * reference, and weighs in the hash by what {@link World#stableHash} says of it. What can only be reached through idle
 * {@link Pooled} objects and {@link Timing} fields is kept, and does not weigh.
 */
public final class PlainState {
    private final List<Object> roots;
    private final Predicate<Class<?>> followed;

    /**
     * Makes a view of what some objects hold.
     *
     * @param followed classes whose fields are state
     */
    public PlainState(List<Object> roots, Predicate<Class<?>> followed) {
        this.roots = List.copyOf(roots);
        this.followed = new Followed(followed);
    }

    /** A copy of the state at one moment, with its hash. */
    public static final class Saved {
        private final Object[] objects;
        private final Object[] contents;
        private final long high;
        private final long low;

        private Saved(Object[] objects, Object[] contents, long high, long low) {
            this.objects = objects;
            this.contents = contents;
            this.high = high;
            this.low = low;
        }

        /** First half of the hash. */
        public long high() {
            return high;
        }

        /** Second half. */
        public long low() {
            return low;
        }
    }

    /** Copies everything. */
    public Saved save() {
        return new Copier().copy();
    }

    /** Puts everything back as it was. */
    public void restore(Saved saved) {
        for (int i = 0; i < saved.objects.length; i++) {
            restore(saved.objects[i], saved.contents[i]);
        }
    }

    /** The same, if everything is as in {@code present}: what is alike in both need not be touched. */
    public void restore(Saved saved, Saved present) {
        for (int i = 0; i < saved.objects.length; i++) {
            boolean same = i < present.objects.length && present.objects[i] == saved.objects[i];
            if (!same || !alike(saved.contents[i], present.contents[i])) {
                restore(saved.objects[i], saved.contents[i]);
            }
        }
    }

    /** References to the same objects, and the same numbers. */
    private static boolean alike(Object one, Object other) {
        if (one instanceof Object[] values && other instanceof Object[] others) {
            return alike(values, others);
        }
        if (one instanceof long[] words && other instanceof long[] others) {
            return Arrays.equals(words, others);
        }
        return one instanceof int[] words && other instanceof int[] others && Arrays.equals(words, others);
    }

    private static boolean alike(Object[] one, Object[] other) {
        boolean same = one.length == other.length;
        for (int i = 0; same && i < one.length; i++) {
            same = one[i] == other[i] || one[i] instanceof Number number && number.equals(other[i]);
        }
        return same;
    }

    @SuppressWarnings("unchecked") // contents were made from this very object
    private static void restore(Object object, Object content) {
        if (object.getClass().isArray()) {
            System.arraycopy(content, 0, object, 0, Array.getLength(object));
        } else if (fixed(object.getClass())) {
            return;
        } else if (object instanceof Map<?, ?>) {
            Map<Object, Object> map = (Map<Object, Object>) object;
            Object[] entries = (Object[]) content;
            map.clear();
            for (int i = 0; i < entries.length; i += 2) {
                map.put(entries[i], entries[i + 1]);
            }
        } else if (object instanceof Collection<?>) {
            Collection<Object> collection = (Collection<Object>) object;
            collection.clear();
            collection.addAll(Arrays.asList((Object[]) content));
        } else {
            restoreFields(object, (Object[]) content);
        }
    }

    /** Collections that never change; what is in them may. */
    private static boolean fixed(Class<?> type) {
        String name = type.getName();
        return name.startsWith("java.util.Immutable")
                || name.startsWith("java.util.Collections$")
                || name.startsWith("java.util.Arrays$");
    }

    private static void restoreFields(Object object, Object[] values) {
        int at = 0;
        for (Slot slot : PlainFields.of(object.getClass())) {
            if (!slot.fixed()) {
                set(slot, object, values[at++]);
            }
        }
    }

    private static void set(Slot slot, Object object, @Nullable Object value) {
        try {
            slot.field().set(object, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot put back " + slot.field(), e);
        }
    }

    private static @Nullable Object get(Slot slot, Object object) {
        try {
            return slot.field().get(object);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot read " + slot.field(), e);
        }
    }

    /** Arrays, the library's collections, and the classes that the owner names. */
    private static final class Followed implements Predicate<Class<?>> {
        private final ClassValue<Boolean> known;

        Followed(Predicate<Class<?>> own) {
            known = new ClassValue<>() {
                @Override
                protected Boolean computeValue(Class<?> type) {
                    if (type.isArray()) {
                        return true;
                    }
                    if (Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type)) {
                        return type.getName().startsWith("java.util.");
                    }
                    return !type.isEnum() && !type.isHidden() && !Cell.class.isAssignableFrom(type) && own.test(type);
                }
            };
        }

        @Override
        public boolean test(Class<?> type) {
            return known.get(type);
        }
    }

    /** One walk over the state. Objects are numbered as they are met, the same in every run. */
    private final class Copier {
        /** Stands for every object that is not in use. */
        private static final int IDLE = -2;

        private final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();
        private final List<Object> objects = new ArrayList<>();
        private final List<Object> contents = new ArrayList<>();
        private final ArrayDeque<Object> toVisit = new ArrayDeque<>();
        /** What is kept and does not count: visited last, because what it leads to may count on another way. */
        private final ArrayDeque<Object> idle = new ArrayDeque<>();

        private boolean counting = true;
        private long high = 1;
        private long low = 2;

        Saved copy() {
            roots.forEach(this::number);
            visit();
            long countedHigh = high;
            long countedLow = low;
            counting = false;
            idle.forEach(this::number);
            visit();
            return new Saved(objects.toArray(), contents.toArray(), countedHigh, countedLow);
        }

        private void visit() {
            for (Object next = toVisit.poll(); next != null; next = toVisit.poll()) {
                keep(next);
            }
        }

        /** A content may keep others on the way, so it is taken first. */
        private void keep(Object object) {
            Object content = content(object);
            objects.add(object);
            contents.add(content);
        }

        /** The number of a followed object, or what a leaf weighs. */
        private long weigh(@Nullable Object value) {
            if (value == null) {
                return 0;
            }
            return followed.test(value.getClass()) ? 1_000_003L * (number(value) + 1) : World.stableHash(value);
        }

        private int number(Object object) {
            if (counting && object instanceof Pooled pooled && !pooled.inUse()) {
                idle.add(object);
                return IDLE;
            }
            Integer known = numbers.get(object);
            if (known != null) {
                return known;
            }
            int number = numbers.size();
            numbers.put(object, number);
            toVisit.add(object);
            return number;
        }

        private void mix(long value) {
            high = Mix.mix(high + value);
            low = Mix.mix(low ^ value) * 31;
        }

        private Object content(Object object) {
            if (object instanceof Object[] array) {
                mix(array.length);
                for (Object element : array) {
                    mix(weigh(element));
                }
                return array.clone();
            }
            if (object.getClass().isArray()) {
                return primitives(object);
            }
            if (object instanceof Map<?, ?> map) {
                List<Object> entries = new ArrayList<>();
                map.forEach((key, value) -> {
                    entries.add(key);
                    entries.add(value);
                });
                return elements(entries);
            }
            return object instanceof Collection<?> collection ? elements(collection) : fields(object);
        }

        private Object[] elements(Collection<?> collection) {
            Object[] all = collection.toArray();
            mix(all.length);
            for (Object element : all) {
                mix(weigh(element));
            }
            return all;
        }

        private Object primitives(Object array) {
            if (array instanceof long[] words) {
                for (long word : words) {
                    mix(word);
                }
                return words.clone();
            }
            if (array instanceof int[] words) {
                for (int word : words) {
                    mix(word);
                }
                return words.clone();
            }
            int length = Array.getLength(array);
            Object copy = Array.newInstance(array.getClass().getComponentType(), length);
            System.arraycopy(array, 0, copy, 0, length);
            for (int i = 0; i < length; i++) {
                mix(Array.get(array, i).hashCode());
            }
            return copy;
        }

        private Object[] fields(Object object) {
            List<Slot> slots = PlainFields.of(object.getClass());
            Object[] values = new Object[slots.size()];
            int kept = 0;
            for (Slot slot : slots) {
                Object value = get(slot, object);
                if (!slot.timing()) {
                    mix(slot.primitive() && value != null ? weighPrimitive(value) : weigh(value));
                } else if (!slot.primitive() && value != null && followed.test(value.getClass())) {
                    idle.add(value);
                }
                if (!slot.fixed()) {
                    values[kept++] = value;
                }
            }
            return Arrays.copyOf(values, kept);
        }

        private long weighPrimitive(Object value) {
            if (value instanceof Number number) {
                return number.longValue();
            }
            return value.hashCode();
        }
    }
}
