/**
 * The scenario language: what can be written, and the loader that turns a file into a {@link
 * org.iommusim.scenario.language.Scenario}.
 *
 * <p>The language is data. {@link org.iommusim.scenario.language.Language} lists every object with its members and what
 * kind of value each holds; the steps of scripts come from the verbs of the actors, and what an IOMMU can be set to from
 * its provider. The loader's checks, the published JSON Schema and the manual are made from that data, so that they cannot
 * disagree.
 *
 * <p>Bad input is a {@link org.iommusim.scenario.language.ScenarioException}: one line that names the file, the place, what
 * was found there and what was expected. The first problem in the order of the file's sections ends the loading.
 *
 * <p>What a shape alone cannot say is checked after it: references between parts ({@link
 * org.iommusim.scenario.language.TopologyLoader}, {@link org.iommusim.scenario.language.ScriptLoader}), and labels that
 * could never be set ({@link org.iommusim.scenario.language.LabelOrder}).
 */
@NullMarked
package org.iommusim.scenario.language;

import org.jspecify.annotations.NullMarked;
