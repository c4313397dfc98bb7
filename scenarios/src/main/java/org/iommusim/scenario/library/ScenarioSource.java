package org.iommusim.scenario.library;

import org.iommusim.scenario.language.Attachments;

/**
 * The text of a scenario.
 *
 * @param name what messages call it: the path as the user gave it, or the bundled name
 * @param utf8 its content
 * @param attachments the files that it names
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record ScenarioSource(String name, byte[] utf8, Attachments attachments) {}
