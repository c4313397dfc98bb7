package org.iommusim.scenario.language;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Verb;

/**
 * The words that other modules bring into the language.
 *
 * @param verbs what actors can do
 * @param kernels kernel policies, the default one first
 * @param providers vendors of IOMMUs, ordered by kind
 * @param checks names under which checks report
 * @param patches names of known bugs that a kernel or a driver can be given
 */
public record Vocabulary(
        List<Verb> verbs,
        List<KernelWord> kernels,
        List<IommuProvider> providers,
        List<String> checks,
        List<String> patches) {
    /** Copies the lists. */
    public Vocabulary {
        verbs = List.copyOf(verbs);
        kernels = List.copyOf(kernels);
        providers = List.copyOf(providers);
        checks = List.copyOf(checks);
        patches = List.copyOf(patches);
    }

    /**
     * A kernel policy.
     *
     * @param name its name
     * @param accepted what it is known and accepted to do wrong
     */
    public record KernelWord(String name, List<String> accepted) {
        /** Copies the list. */
        public KernelWord {
            accepted = List.copyOf(accepted);
        }
    }

    /** Names of kernel policies, the default one first. */
    public List<String> policies() {
        return kernels.stream().map(KernelWord::name).toList();
    }

    /** What a kernel is known and accepted to do wrong. */
    List<String> accepted(String kernel) {
        return kernels.stream()
                .filter(k -> k.name().equals(kernel))
                .findFirst()
                .map(KernelWord::accepted)
                .orElse(List.of());
    }

    /**
     * The words that a member may hold, also those that other modules bring; empty: any. Patches are not among them: there
     * are too many.
     *
     * @param shape whose member it is
     */
    public List<String> words(Shape shape, Member member) {
        return switch (shape.name() + "." + member.name()) {
            case "scenario.kernel", "outcome.kernel" -> policies();
            case "outcome.finds" -> checks;
            case "outcome.accepted" ->
                kernels.stream().flatMap(k -> k.accepted().stream()).distinct().toList();
            case "iommu.kind" -> providers.stream().map(IommuProvider::kind).toList();
            case "actor.kind" ->
                Arrays.stream(ActorKind.values()).map(ActorKind::word).toList();
            default -> member.words();
        };
    }

    /** The kind of IOMMU whose driver a known bug is one of; empty if it is one of other software. */
    public Optional<String> driverOf(String patch) {
        return providers.stream()
                .filter(p -> p.variants().stream().anyMatch(v -> v.name().equals(patch)))
                .map(IommuProvider::kind)
                .findFirst();
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
