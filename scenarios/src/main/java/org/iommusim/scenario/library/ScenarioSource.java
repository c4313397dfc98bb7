package org.iommusim.scenario.library;

/**
 * The text of a scenario.
 *
 * @param name what messages call it: the path as the user gave it, or the bundled name
 * @param utf8 its content
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record ScenarioSource(String name, byte[] utf8) {}
