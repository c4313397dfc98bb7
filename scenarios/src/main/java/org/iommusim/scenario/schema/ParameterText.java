package org.iommusim.scenario.schema;

import org.iommusim.hw.provider.Parameter;

/** A parameter of an IOMMU in words. */
final class ParameterText {
    private ParameterText() {}

    /** All that is known about it, for the tooltip of an editor. */
    static String describe(Parameter p) {
        return p.description() + " " + range(p) + ", default " + p.defaultValue() + " (" + p.source() + ").";
    }

    /** Unit and limits. */
    static String range(Parameter p) {
        String limits = p.max() == Long.MAX_VALUE ? "from " + p.min() : p.min() + " to " + p.max();
        return p.unit().equals("flag") ? "true or false" : p.unit() + " " + limits;
    }
}
