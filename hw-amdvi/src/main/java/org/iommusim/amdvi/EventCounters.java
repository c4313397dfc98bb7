package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Pc;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * Event counters: each counts what its source register names, of all functions, domains and PASIDs or of those that match.
 *
 * <p>Choices where the sources are silent: of an id that is matched the bits of the mask are compared; what has no such id, such
 * as a command, does not match; a source that the model does not know is never counted; a counter that overflows goes on from 0,
 * and there is no event.
 */
final class EventCounters {
    /** In place of an id: there is none. */
    static final int NO_ID = -1;

    /** Counts are no state that anything else depends on. */
    private static final Variable COUNTER = Variable.unhashed("amdvi.counter");

    /** Words of a counter in the array; a power of two. */
    private static final int STRIDE = 8;

    private final int banks;
    private final int perBank;
    private final LongArrayCell words;

    /** Makes counters that count nothing. */
    EventCounters(World world, AmdViParameters p) {
        banks = p.value("counter_banks");
        perBank = p.value("counters_per_bank");
        words = new LongArrayCell(world, COUNTER, world.nextInstance(), Math.max(1, banks * perBank * STRIDE));
    }

    // ---- access by software

    /** A register beyond those that every unit has; {@code register} is its offset, a multiple of 8. */
    long read(int register) {
        if (register == Reg.CNTR_CONF) {
            return Pc.NUM_BANKS.with(Pc.NUM_COUNTERS.with(0, banks == 0 ? 0 : perBank), banks);
        }
        int word = word(register);
        return word < 0 ? 0 : words.get(word);
    }

    /** Writes one; {@code written} are the bits that are. */
    void write(int register, long value, long written) {
        int word = word(register);
        if (word >= 0) {
            long taken = written & settable(register & (1 << Pc.COUNTER_SHIFT) - 1);
            words.set(word, words.get(word) & ~taken | value & taken);
        }
    }

    private static long settable(int function) {
        return switch (function) {
            case Pc.COUNTER -> Pc.COUNT.mask();
            case Pc.SOURCE -> Pc.CSOURCE.mask();
            case Pc.PASID_MATCH, Pc.DOMAIN_MATCH, Pc.DEVICE_MATCH ->
                Pc.MATCH.mask() | Pc.MATCH_EN.mask() | Pc.MATCH_MASK.mask();
            default -> 0;
        };
    }

    /** Place of a register in the array, below 0 if there is no such register. */
    private int word(int register) {
        int bank = register - Pc.BANKS >> Pc.BANK_SHIFT;
        int counter = register >>> Pc.COUNTER_SHIFT & (1 << Pc.BANK_SHIFT - Pc.COUNTER_SHIFT) - 1;
        int function = register & (1 << Pc.COUNTER_SHIFT) - 1;
        boolean exists = bank >= 0 && bank < banks && counter < perBank && function <= Pc.DEVICE_MATCH;
        return exists ? (bank * perBank + counter) * STRIDE + function / Long.BYTES : -1;
    }

    // ---- counting

    /**
     * Something happens.
     *
     * @param source what: a source of {@link Pc}
     * @param deviceId of which function, {@code domainId} of which domain, {@code pasid} with which PASID; or {@link #NO_ID}
     */
    void count(int source, int deviceId, int domainId, int pasid) {
        for (int at = 0; at < banks * perBank * STRIDE; at += STRIDE) {
            if (Pc.CSOURCE.getInt(words.get(at + Pc.SOURCE / Long.BYTES)) == source
                    && matches(at, Pc.DEVICE_MATCH, deviceId)
                    && matches(at, Pc.DOMAIN_MATCH, domainId)
                    && matches(at, Pc.PASID_MATCH, pasid)) {
                words.set(at, words.get(at) + 1 & Pc.COUNT.mask());
            }
        }
    }

    private boolean matches(int at, int function, int id) {
        long match = words.get(at + function / Long.BYTES);
        if (!Pc.MATCH_EN.isSet(match)) {
            return true;
        }
        return id >= 0 && ((Pc.MATCH.get(match) ^ id) & Pc.MATCH_MASK.get(match)) == 0;
    }
}
