/**
 * Simulated machines beside measurements of real ones. {@code timing/README.md} in the test resources says where these come
 * from; docs/timing.md what is compared, and how well it agrees.
 */
@NullMarked
package org.iommusim.scenario.timing;

import org.jspecify.annotations.NullMarked;
