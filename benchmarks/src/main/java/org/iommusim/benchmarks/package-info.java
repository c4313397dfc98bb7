/**
 * Measurements of hot paths with JMH, beside the plain Java draft of the same thing. The module's README.md says how to
 * measure and what was found. Nothing depends on this package.
 */
@NullMarked
package org.iommusim.benchmarks;

import org.jspecify.annotations.NullMarked;
