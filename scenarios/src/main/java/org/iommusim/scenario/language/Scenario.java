package org.iommusim.scenario.language;

import java.util.List;
import java.util.Optional;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.sim.event.TieOrder;

/**
 * A scenario that was checked and can be run.
 *
 * @param file where it came from, as the user named it
 * @param name its name
 * @param description what it is about
 * @param seed where random numbers come from
 * @param kernel name of the kernel policy
 * @param ties which of two events at the same time goes first
 * @param topology the machine
 * @param actors who acts
 * @param expectations what must hold at the end
 * @param explore what is explored; empty if the file does not say
 */
public record Scenario(
        String file,
        String name,
        String description,
        long seed,
        String kernel,
        TieOrder ties,
        Topology topology,
        List<ActorScript> actors,
        List<Expectation> expectations,
        Optional<ExploreSettings> explore) {
    /** Copies the lists. */
    public Scenario {
        actors = List.copyOf(actors);
        expectations = List.copyOf(expectations);
    }

    /** The same scenario with another seed. */
    public Scenario withSeed(long newSeed) {
        return new Scenario(file, name, description, newSeed, kernel, ties, topology, actors, expectations, explore);
    }

    /** The same scenario under another kernel policy. */
    public Scenario withKernel(String policy) {
        return new Scenario(file, name, description, seed, policy, ties, topology, actors, expectations, explore);
    }

    /** The same scenario explored in another way. */
    public Scenario withExplore(ExploreSettings settings) {
        return new Scenario(
                file, name, description, seed, kernel, ties, topology, actors, expectations, Optional.of(settings));
    }

    /** How it is explored; if the file does not say, as a scenario that says nothing. */
    public ExploreSettings exploreOrUnsaid() {
        return explore.orElseGet(() -> ExploreSettings.unsaid(kernel));
    }

    /**
     * An actor and its script.
     *
     * @param id its name
     * @param kind what it is
     * @param vmm the VMM of a guest or of a thread; empty for others
     * @param iommu the IOMMU of whose kind a guest's virtual one is; empty for others
     * @param script what it does
     * @param comments the author's remark on each step; empty if there is none
     */
    public record ActorScript(
            String id, ActorKind kind, String vmm, String iommu, List<ScriptStep> script, List<String> comments) {
        /** Copies the lists. */
        public ActorScript {
            script = List.copyOf(script);
            comments = List.copyOf(comments);
        }
    }
}
