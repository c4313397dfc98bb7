package org.iommusim.amdvi;

import org.iommusim.sim.testkit.RuleCoverage;

/** Every rule that this module lists has a test. */
class RuleCoverageTest extends RuleCoverage {}
