package org.iommusim.hw.provider;

/**
 * One thing that can be set on a device: data, so that schemas, documents and presets are made from it.
 *
 * @param name as scenarios spell it, e.g. {@code main_tlb_entries}
 * @param unit {@code entries}, {@code cycles}, {@code slots}, {@code ps}, {@code bits}, {@code flag} (0 or 1), {@code text}
 * @param defaultValue the value without a preset, as scenarios would spell it
 * @param min smallest allowed value
 * @param max largest allowed value
 * @param description one sentence
 * @param source where the default comes from, or {@code uncalibrated}
 */
public record Parameter(
        String name, String unit, long defaultValue, long min, long max, String description, String source) {
    /** Checks that the default is allowed. */
    public Parameter {
        if (min > max || defaultValue < min || defaultValue > max) {
            throw new IllegalArgumentException("parameter " + name + " has an impossible default or range");
        }
    }
}
