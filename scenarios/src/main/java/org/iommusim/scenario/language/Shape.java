package org.iommusim.scenario.language;

import java.util.List;

/**
 * An object of the language.
 *
 * @param name as the manual calls it
 * @param description one sentence
 * @param members what it can have
 */
public record Shape(String name, String description, List<Member> members) {
    /** Copies the members. */
    public Shape {
        members = List.copyOf(members);
    }

    /** A shape of these members. */
    static Shape of(String name, String description, Member... members) {
        return new Shape(name, description, List.of(members));
    }

    /** Names of all members, in their order. */
    List<String> names() {
        return members.stream().map(Member::name).toList();
    }

    /** The member of a name that this shape is known to have. */
    Member member(String memberName) {
        return members.stream()
                .filter(m -> m.name().equals(memberName))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name + " has no member " + memberName));
    }
}
