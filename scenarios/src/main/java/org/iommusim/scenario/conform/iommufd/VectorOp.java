package org.iommusim.scenario.conform.iommufd;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a case.
 *
 * @param name as vectors spell it
 * @param request the ioctl; {@code null} for a helper
 * @param in what is given, by field; the others are 0
 * @param data what lies behind its pointer
 * @param errno recorded answer, 0 or negative
 * @param out recorded outputs
 * @param ids the numbers that the kernel chose, by symbol
 * @param idReused whether one of them had been chosen before
 * @param bind symbols for outputs, by output
 */
record VectorOp(
        String name,
        @Nullable Request request,
        Map<String, Operand> in,
        UserData data,
        int errno,
        Map<String, Expected> out,
        Map<String, Long> ids,
        boolean idReused,
        Map<String, String> bind) {
    /** A number that is given, or a default. */
    long value(String field, long otherwise, Symbols symbols) {
        Operand operand = in.get(field);
        return operand == null ? otherwise : operand.value(symbols);
    }
}
