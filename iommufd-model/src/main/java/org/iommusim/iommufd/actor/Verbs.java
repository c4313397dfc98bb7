package org.iommusim.iommufd.actor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything that a script can say. */
public final class Verbs {
    private Verbs() {}

    /** All verbs: the VMM's, the guest's, the host's, each in the order of a manual. */
    public static List<Verb> all() {
        List<Verb> all = new ArrayList<>();
        all.addAll(VmmVerbs.all());
        all.addAll(IommufdVerbs.all());
        all.addAll(UapiVerbs.all());
        all.addAll(GuestVerbs.all());
        all.addAll(HostVerbs.all());
        return List.copyOf(all);
    }

    /** The verb that this kind of actor calls by this name, if there is one. */
    public static Optional<Verb> find(ActorKind actor, String name) {
        return all().stream()
                .filter(verb -> verb.actor() == actor.verbs() && verb.name().equals(name))
                .findFirst();
    }
}
