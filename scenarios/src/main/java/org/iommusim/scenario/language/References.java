package org.iommusim.scenario.language;

import java.util.Map;
import java.util.Set;
import org.iommusim.scenario.json.JsonValue;

/** Reads {@code $name} and {@code $actor.name}: somebody must give that name. */
final class References {
    private final Map<String, Set<String>> names;

    /**
     * Makes a reader.
     *
     * @param names what each actor names in its script
     */
    References(Map<String, Set<String>> names) {
        this.names = names;
    }

    /**
     * The value of a reference.
     *
     * @param actor who refers; empty if nobody
     * @param own what that actor has named so far
     * @return a {@code Long}, or the reference as it stands
     */
    Object read(String actor, Fields fields, String member, Set<String> own) {
        Place place = fields.at(member);
        boolean text = place.value() instanceof JsonValue.Text;
        String reference = text ? fields.text(member, "") : "";
        if (!reference.startsWith("$")) {
            return Numbers.read(place, Member.of(member, ValueKind.NUMBER, ""));
        }
        int dot = reference.indexOf('.');
        String owner = dot < 0 ? actor : reference.substring(1, dot);
        if (owner.isEmpty()) {
            throw place.wrong("expected \"$actor.name\", with the actor");
        }
        String named = reference.substring(dot < 0 ? 1 : dot + 1);
        Set<String> known = owner.equals(actor) ? own : names.get(owner);
        if (known == null) {
            throw place.wrong(
                    "found a reference to the unknown actor \"" + owner + "\"", NearMiss.of(owner, names.keySet()));
        }
        if (!known.contains(named)) {
            String nobody = owner.equals(actor) ? "no earlier step" : "no step of \"" + owner + "\"";
            throw place.wrong("found \"" + reference + "\", which " + nobody + " names", NearMiss.of(named, known));
        }
        return reference;
    }
}
