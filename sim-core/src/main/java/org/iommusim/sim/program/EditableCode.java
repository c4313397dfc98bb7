package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The code of a program while a patch changes it. Jumps refer to instructions instead of positions, so that they stay
 * right when instructions come, go and move. An instruction that comes before another one belongs to the same block as
 * that one, and so does one that comes after.
 */
final class EditableCode<F> {
    private final String subject;
    private final List<Node<F>> nodes;
    private final Node<F> end;

    private EditableCode(String subject, List<Node<F>> nodes, Node<F> end) {
        this.subject = subject;
        this.nodes = nodes;
        this.end = end;
    }

    /**
     * Opens code for changes.
     *
     * @param subject whose it is, for messages
     */
    static <F> EditableCode<F> of(String subject, List<Instruction<F>> code) {
        List<String> names = StepNames.of(code);
        List<Node<F>> nodes = new ArrayList<>();
        for (int i = 0; i < code.size(); i++) {
            nodes.add(new Node<>(names.get(i), code.get(i)));
        }
        Node<F> end = new Node<>("", new Instruction.Jump<>("end", code.size()));
        for (Node<F> node : nodes) {
            int target = Jumps.target(node.instruction);
            if (target >= 0) {
                node.target = target == code.size() ? end : nodes.get(target);
            }
        }
        return new EditableCode<>(subject, nodes, end);
    }

    /** The changed code, with positions again. */
    List<Instruction<F>> code() {
        List<Instruction<F>> code = new ArrayList<>();
        Set<String> ids = new LinkedHashSet<>();
        for (Node<F> node : nodes) {
            Node<F> target = node.target;
            int position = target == null || target == end ? nodes.size() : nodes.indexOf(target);
            code.add(target == null ? node.instruction : Jumps.to(node.instruction, position));
            if (Jumps.named(node.instruction) && !ids.add(node.instruction.id())) {
                throw new IllegalArgumentException(subject + " has two steps called '" + node.instruction.id() + "'");
            }
        }
        return code;
    }

    /** The instruction of this name. */
    Instruction<F> instruction(String name) {
        return find(name).instruction;
    }

    /** Puts another instruction in the place of one. */
    void replace(String name, Instruction<F> instruction) {
        find(name).instruction = instruction;
    }

    /** Takes an instruction out; whoever jumped to it goes on with what follows it. */
    void remove(String name) {
        take(find(name));
    }

    /** Puts a block of instructions before one. */
    void insertBefore(String name, List<Instruction<F>> block) {
        Node<F> place = find(name);
        insert(nodes.indexOf(place), block, place);
    }

    /** Puts a block of instructions behind one: behind a branch, that is the beginning of what it guards. */
    void insertAfter(String name, List<Instruction<F>> block) {
        insert(nodes.indexOf(find(name)) + 1, block, null);
    }

    /** Moves an instruction that does not steer before another one. */
    void moveBefore(String name, String other) {
        Node<F> place = find(other);
        Node<F> moved = take(movable(name, other));
        insert(nodes.indexOf(place), moved, place);
    }

    /** Moves an instruction that does not steer behind another one. */
    void moveAfter(String name, String other) {
        Node<F> place = find(other);
        Node<F> moved = take(movable(name, other));
        nodes.add(nodes.indexOf(place) + 1, moved);
    }

    /** True if the second instruction follows the first one directly and is reached in no other way. */
    boolean neighbours(String first, String second) {
        int at = nodes.indexOf(find(first));
        Node<F> next = find(second);
        return at + 1 == nodes.indexOf(next) && nodes.stream().noneMatch(node -> node.target == next);
    }

    private Node<F> movable(String name, String other) {
        Node<F> node = find(name);
        if (Jumps.steers(node.instruction) || name.equals(other)) {
            throw new IllegalArgumentException(subject + ": '" + name + "' cannot be moved");
        }
        return node;
    }

    private Node<F> take(Node<F> gone) {
        int at = nodes.indexOf(gone);
        Node<F> next = at + 1 < nodes.size() ? nodes.get(at + 1) : end;
        nodes.forEach(node -> node.retarget(gone, next));
        nodes.remove(at);
        return gone;
    }

    private void insert(int at, List<Instruction<F>> block, @Nullable Node<F> before) {
        EditableCode<F> inserted = of(subject, block);
        Node<F> next = at < nodes.size() ? nodes.get(at) : end;
        inserted.nodes.forEach(node -> node.retarget(inserted.end, next));
        if (before != null && !inserted.nodes.isEmpty()) {
            enter(at, before, inserted.nodes.get(0));
        }
        nodes.addAll(at, inserted.nodes);
    }

    private void insert(int at, Node<F> moved, Node<F> before) {
        enter(at, before, moved);
        nodes.add(at, moved);
    }

    /** Who jumped forward to the place now enters by the new instruction; the end of a loop goes back to its test. */
    private void enter(int at, Node<F> before, Node<F> first) {
        for (int i = 0; i < at; i++) {
            nodes.get(i).retarget(before, first);
        }
    }

    private Node<F> find(String name) {
        for (Node<F> node : nodes) {
            if (node.name.equals(name)) {
                return node;
            }
        }
        throw new IllegalArgumentException(subject + " has no step called '" + name + "'");
    }

    /** One instruction and where it jumps to; compared by identity. */
    private static final class Node<F> {
        final String name;
        Instruction<F> instruction;

        @Nullable
        Node<F> target;

        Node(String name, Instruction<F> instruction) {
            this.name = name;
            this.instruction = instruction;
        }

        void retarget(Node<F> from, Node<F> to) {
            if (target == from) {
                target = to;
            }
        }
    }
}
