package org.iommusim.scenario.language;

import java.util.List;
import java.util.Optional;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Verb;

/**
 * The words that other modules bring into the language.
 *
 * @param verbs what actors can do
 * @param policies names of kernel policies, the default one first
 * @param providers vendors of IOMMUs, ordered by kind
 */
public record Vocabulary(List<Verb> verbs, List<String> policies, List<IommuProvider> providers) {
    /** Copies the lists. */
    public Vocabulary {
        verbs = List.copyOf(verbs);
        policies = List.copyOf(policies);
        providers = List.copyOf(providers);
    }

    /** What an actor of a kind can do, in the order of definition. */
    public List<Verb> verbs(ActorKind kind) {
        return verbs.stream().filter(v -> v.actor() == kind.verbs()).toList();
    }

    /** The verb of this name for an actor of this kind. */
    Optional<Verb> verb(ActorKind kind, String name) {
        return verbs.stream()
                .filter(v -> v.actor() == kind.verbs() && v.name().equals(name))
                .findFirst();
    }
}
