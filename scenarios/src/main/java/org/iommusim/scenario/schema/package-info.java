/**
 * What is made from the language: the JSON Schema for editors and {@code validate}, and the reference part of the manual.
 *
 * <p>Both are files of the repository, so that they can be read without building; tests make them again and fail when they
 * differ. {@link org.iommusim.scenario.schema.SchemaCheck} is the only user of the schema validator, which takes longer to
 * load than all the rest.
 */
@NullMarked
package org.iommusim.scenario.schema;

import org.jspecify.annotations.NullMarked;
