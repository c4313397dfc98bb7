package org.iommusim.iommufd.object;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * A short list that the world can take back: the kernel's linked lists and small trees. Every change makes a new list, so
 * that the old one can come back.
 *
 * @param <T> type of the elements
 */
public final class CellList<T extends Identified> {
    private final RefCell<Items<T>> cell;

    /** Makes an empty list that is recorded under {@code variable}. */
    public CellList(World world, Variable variable) {
        cell = new RefCell<>(world, variable, world.nextInstance());
    }

    /** The elements in order; does not change when the list does. */
    public List<T> items() {
        Items<T> items = cell.get();
        return items == null ? List.of() : items.list;
    }

    /** True without elements. */
    public boolean isEmpty() {
        return cell.get() == null;
    }

    /** True if the element is in the list. */
    public boolean contains(T element) {
        return items().contains(element);
    }

    /** Adds at the end. */
    public void add(T element) {
        add(items().size(), element);
    }

    /** Adds in front of the element that is now at this index. */
    public void add(int index, T element) {
        List<T> list = new ArrayList<>(items());
        list.add(index, element);
        cell.set(new Items<>(list));
    }

    /** Removes an element; false if it was not there. */
    public boolean remove(T element) {
        List<T> list = new ArrayList<>(items());
        boolean there = list.remove(element);
        if (there) {
            cell.set(list.isEmpty() ? null : new Items<>(list));
        }
        return there;
    }

    private record Items<T extends Identified>(List<T> list) implements Identified {
        Items {
            list = List.copyOf(list);
        }

        @Override
        public long stableId() {
            long id = 7;
            for (T element : list) {
                id = id * 1_000_003 + element.stableId();
            }
            return id == 0 ? 1 : id;
        }
    }
}
