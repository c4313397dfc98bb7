/**
 * Where scenarios come from: files, and the bundled ones.
 *
 * <p>Bundled scenarios are the resources {@code scenarios/NAME.json}; {@code scenarios/index} lists their names with one
 * line each, because a jar cannot list a directory cheaply. A test holds the index to the files.
 */
@NullMarked
package org.iommusim.scenario.library;

import org.jspecify.annotations.NullMarked;
