package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random interrupt entries in guest mode, held against a naive reading of the rules with literal bits: what leaves or fails, the
 * words of the virtual APIC, the records of the log. Every message is sent twice: what is cached must say the same.
 */
class RandomGuestInterruptTest {
    private static final int ROUNDS = 1000;
    private static final long LOG = 0x32_0000;
    /** Virtual APICs are in these 16 pages, or where there is no memory. */
    private static final long APICS = 0x70_0000;

    private static final long NOWHERE = 1L << 38;
    private static final int INDEX = 5;

    private final InterruptBed bed =
            new InterruptBed(Simulation.seeded(1).build(), Map.of("gam", 1L, "gappi", 1L, "gappi_dis", 1L));
    private final TreeMap<String, Integer> seen = new TreeMap<>();
    private int records;

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldDoWhatEntriesSay(int seed) {
        Gen gen = new Gen(seed);
        bed.write64(Reg.GA_LOG_BASE, Reg.ringBase(LOG, 15));
        for (int round = 0; round < ROUNDS; round++) {
            boolean xt = gen.oneIn(2);
            boolean gappi = gen.oneIn(3);
            bed.control(1L << 17 | 1L << 25 | 1L << 28 | (xt ? 1L << 50 : 0) | (gappi ? 1L << 55 : 0));
            long low = gen.bits() & ~(gen.oneIn(8) ? 0 : 0x18) | 0x80 | (gen.oneIn(8) ? 0 : 1);
            long page = gen.oneIn(8) ? NOWHERE : APICS + 0x1000L * gen.below(16);
            long high = gen.bits() & ~0x000f_ffff_ffff_f000L & ~(gen.oneIn(8) ? 0 : 0x00f0_0000_0000_0f00L) | page;
            bed.ga(INDEX, low, high);
            bed.invalidate(Cmd.invalidateInterruptTable0(InterruptBed.SID));
            long before = gen.bits() & 0xffff_ffffL;
            for (int time = 0; time < 2; time++) {
                String context = "round %d time %d: 0x%x 0x%x".formatted(round, time, low, high);
                String wanted = wanted(low, high, gappi, xt, page);
                put(high, page, before);
                assertThat(sent()).as(context).isEqualTo(wanted);
                if (!wanted.startsWith("FAULT")) {
                    long bit = 1L << (high & 0x1f);
                    assertThat(bed.memory.read(irr(high, page), 4)).as(context).isEqualTo(before | bit);
                } else if (page != NOWHERE) {
                    assertThat(bed.memory.read(irr(high, page), 4)).as(context).isEqualTo(before);
                }
                assertThat(logged()).as(context).isEqualTo(logs(wanted, low, gappi) ? record(low) : 0);
                seen.merge(kind(wanted) + (logs(wanted, low, gappi) ? " logged" : ""), 1, Integer::sum);
            }
        }
        assertThat(seen)
                .as("doorbell, leaves, logged, not told, silent, blocked, reserved, not reached")
                .hasSize(8);
    }

    private static long irr(long high, long page) {
        return page + 0x200 + (high >>> 5 & 7) * 16;
    }

    private void put(long high, long page, long word) {
        if (page != NOWHERE) {
            bed.memory.write(irr(high, page), 4, word);
        }
    }

    private String sent() {
        DmaRequest message = bed.send(InterruptBed.SID, INDEX);
        bed.run();
        String text = bed.text(message);
        return text.equals("POSTED") ? "POSTED " + message.doorbell() : text;
    }

    private static String wanted(long low, long high, boolean gappi, boolean xt, long page) {
        boolean silent = (low >>> 1 & 1) == 1;
        if ((low & 1) == 0) {
            return silent ? "FAULT" : fault(0x8);
        }
        if ((low & 0x18) != 0 || (high & 0x00f0_0000_0000_0f00L) != 0) {
            return silent ? "FAULT" : fault(0x98);
        }
        if (page == NOWHERE) {
            return "FAULT PAGE_TAB_HARDWARE_ERROR device=0x130 domain=7 flags=0x208 addr=0x%x"
                    .formatted(irr(high, page));
        }
        long destination = low >>> 8 & 0xff_ffff | high >>> 56 << 24;
        if ((low & 0x40) != 0) {
            return "POSTED " + (xt ? destination : destination & 0xff);
        }
        if (!gappi || (low & 0x20) != 0) {
            return "POSTED -1";
        }
        long address = 0xfee0_0000L | (destination & 0xff) << 12 | (xt ? destination >>> 8 << 40 : 0);
        return "0x%x 0x%x".formatted(address, 0x4000 | low >>> 32 & 0xff);
    }

    private static String fault(int flags) {
        return "FAULT IO_PAGE_FAULT device=0x130 domain=7 flags=0x%x addr=0xfee00000".formatted(flags);
    }

    private static boolean logs(String wanted, long low, boolean gappi) {
        return wanted.equals("POSTED -1") && !gappi && (low & 4) != 0;
    }

    private static long record(long low) {
        return 1L << 60 | 0x130L << 32 | low >>> 32;
    }

    /** The record that was written for the last message, or 0. */
    private long logged() {
        long tail = bed.read64(Reg.GA_TAIL);
        if (tail == 8L * records) {
            return 0;
        }
        assertThat(tail).isEqualTo(8L * ++records);
        return bed.memory.read64(LOG + tail - 8);
    }

    private static String kind(String wanted) {
        return wanted.replaceFirst("addr.*", "")
                .replaceFirst("^0x.*", "leaves")
                .replaceFirst("POSTED [0-9].*", "doorbell");
    }
}
