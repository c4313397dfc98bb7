package org.iommusim.iommufd.pt;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.Mix;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Ranges by rising start, found by overlap: the kernel's interval tree. Ranges may overlap each other. A balanced tree whose
 * nodes never change: a change makes new nodes along one path and stores the new root, so the world can take it back by
 * one reference. All operations take logarithmic time; {@link #size} is constant.
 *
 * @param <T> type of the ranges
 */
public final class IntervalTree<T extends Ranged> {
    private final RefCell<Node<T>> root;

    /** Makes an empty tree that is recorded under {@code variable}. */
    public IntervalTree(World world, Variable variable) {
        root = new RefCell<>(world, variable, world.nextInstance());
    }

    /** Number of ranges. */
    public int size() {
        return Node.size(root.get());
    }

    /** True without ranges. */
    public boolean isEmpty() {
        return root.get() == null;
    }

    /** {@code interval_tree_iter_first}: of the ranges that overlap [first, last] the one with the lowest start. */
    public @Nullable T first(long first, long last) {
        return find(root.get(), first, last, null);
    }

    /** {@code interval_tree_iter_next}: the next one behind {@code after} that overlaps; {@code after} may be gone. */
    public @Nullable T next(T after, long first, long last) {
        return find(root.get(), first, last, after);
    }

    /** Adds a range. */
    public void insert(T item) {
        root.set(insert(root.get(), item));
    }

    /** Takes a range out; false if it was not there. */
    public boolean remove(T item) {
        Node<T> before = root.get();
        Node<T> after = remove(before, item);
        if (Node.size(after) == Node.size(before)) {
            return false;
        }
        root.set(after);
        return true;
    }

    /** Takes everything out. */
    public void clear() {
        root.set(null);
    }

    private static <T extends Ranged> @Nullable T find(
            @Nullable Node<T> node, long first, long last, @Nullable T after) {
        if (node == null || Long.compareUnsigned(node.maxLast, first) < 0) {
            return null;
        }
        if (after == null || order(after, node.item) < 0) {
            T left = find(node.left, first, last, after);
            if (left != null) {
                return left;
            }
            if (node.item.overlaps(first, last)) {
                return node.item;
            }
        }
        return Long.compareUnsigned(node.item.first(), last) > 0 ? null : find(node.right, first, last, after);
    }

    private static <T extends Ranged> Node<T> insert(@Nullable Node<T> node, T item) {
        if (node == null) {
            return new Node<>(item, null, null);
        }
        return order(item, node.item) < 0
                ? balance(node.item, insert(node.left, item), node.right)
                : balance(node.item, node.left, insert(node.right, item));
    }

    private static <T extends Ranged> @Nullable Node<T> remove(@Nullable Node<T> node, T item) {
        if (node == null) {
            return null;
        }
        if (node.item == item) {
            return join(node.left, node.right);
        }
        return order(item, node.item) < 0
                ? balance(node.item, remove(node.left, item), node.right)
                : balance(node.item, node.left, remove(node.right, item));
    }

    private static <T extends Ranged> @Nullable Node<T> join(@Nullable Node<T> left, @Nullable Node<T> right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        Node<T> lowest = right;
        while (lowest.left != null) {
            lowest = lowest.left;
        }
        return balance(lowest.item, left, remove(right, lowest.item));
    }

    /** A node over two trees whose heights differ by 2 at most. */
    private static <T extends Ranged> Node<T> balance(T item, @Nullable Node<T> left, @Nullable Node<T> right) {
        int difference = Node.height(left) - Node.height(right);
        if (left != null && difference > 1) {
            Node<T> inner = left.right;
            if (inner == null || Node.height(left.left) >= inner.height) {
                return new Node<>(left.item, left.left, new Node<>(item, inner, right));
            }
            return new Node<>(
                    inner.item, new Node<>(left.item, left.left, inner.left), new Node<>(item, inner.right, right));
        }
        if (right != null && difference < -1) {
            Node<T> inner = right.left;
            if (inner == null || Node.height(right.right) >= inner.height) {
                return new Node<>(right.item, new Node<>(item, left, inner), right.right);
            }
            return new Node<>(
                    inner.item, new Node<>(item, left, inner.left), new Node<>(right.item, inner.right, right.right));
        }
        return new Node<>(item, left, right);
    }

    private static int order(Ranged a, Ranged b) {
        int byStart = Long.compareUnsigned(a.first(), b.first());
        return byStart != 0 ? byStart : Long.compare(a.stableId(), b.stableId());
    }

    /** Immutable. Its identity is that of the set of ranges below it, whatever the shape of the tree. */
    private static final class Node<T extends Ranged> implements Identified {
        final T item;
        final @Nullable Node<T> left;
        final @Nullable Node<T> right;
        final int height;
        final int size;
        final long maxLast;
        private final long id;

        Node(T item, @Nullable Node<T> left, @Nullable Node<T> right) {
            this.item = item;
            this.left = left;
            this.right = right;
            height = 1 + Math.max(height(left), height(right));
            size = 1 + size(left) + size(right);
            maxLast = max(item.last(), max(left == null ? 0 : left.maxLast, right == null ? 0 : right.maxLast));
            id = Mix.mix(item.stableId()) + (left == null ? 0 : left.id) + (right == null ? 0 : right.id);
        }

        static int height(@Nullable Node<?> node) {
            return node == null ? 0 : node.height;
        }

        static int size(@Nullable Node<?> node) {
            return node == null ? 0 : node.size;
        }

        private static long max(long a, long b) {
            return Long.compareUnsigned(a, b) >= 0 ? a : b;
        }

        @Override
        public long stableId() {
            return id == 0 ? 1 : id;
        }
    }
}
