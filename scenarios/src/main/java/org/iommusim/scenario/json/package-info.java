/**
 * JSON as text and as a small tree.
 *
 * <p>Scenarios are read with Jackson's streaming parser into {@link org.iommusim.scenario.json.JsonValue}s: a data binding
 * would cost half a second at start-up and lose what messages need (which member is there twice, how a number was
 * written). Members keep the order in which they stand. Reading refuses duplicate members and deep nesting.
 *
 * <p>{@link org.iommusim.scenario.json.JsonOutput} writes documents with two spaces of indentation and {@code \n} line
 * ends, the same bytes everywhere.
 */
@NullMarked
package org.iommusim.scenario.json;

import org.jspecify.annotations.NullMarked;
