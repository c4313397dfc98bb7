/** Independent work on several threads, with results that do not depend on how many. */
@NullMarked
package org.iommusim.scenario.jobs;

import org.jspecify.annotations.NullMarked;
