package org.iommusim.hw.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Commands of two words, of which the first says what becomes of them. */
class CommandLoopTest {
    private static final long PLAIN = 1;
    private static final long INVALIDATES = 2;
    private static final long WRONG = 3;
    private static final long LATER = 4;

    private final ControlBed bed = new ControlBed();
    private final List<String> told = new ArrayList<>();
    private CommandLoop loop = loop(2, 3);
    private long next;
    private long end;
    private boolean stopped;
    private boolean sound = true;

    private CommandLoop loop(int decodeCycles, int invalidateCycles) {
        return new CommandLoop(
                new Client(),
                bed.sim.scheduler(),
                bed.sim.trace(),
                bed.clock,
                bed.lane,
                bed.port,
                bed.memory,
                decodeCycles,
                invalidateCycles);
    }

    private final class Client implements CommandLoop.Client {
        @Override
        public boolean ready() {
            return next != end && !stopped;
        }

        @Override
        public boolean sound() {
            if (!sound) {
                told.add("unsound");
            }
            return sound;
        }

        @Override
        public long address() {
            return next;
        }

        @Override
        public int bytes() {
            return 16;
        }

        @Override
        public boolean stopped() {
            return stopped;
        }

        @Override
        public void unreadable(long address) {
            told.add("unreadable " + address);
        }

        @Override
        public void decoded(long[] words) {
            told.add("decoded " + words[0] + " " + words[1] + " " + words[2] + " at " + loop.at());
            if (words[0] == WRONG) {
                loop.refused();
                return;
            }
            next += 16;
            if (words[0] == INVALIDATES) {
                loop.invalidate();
            } else if (words[0] == PLAIN) {
                loop.done();
            }
        }

        @Override
        public void invalidated() {
            told.add("invalidated " + bed.sim.now() / 1000);
        }

        @Override
        public void idle() {
            told.add("idle");
        }

        @Override
        public String text(long[] words) {
            return "command " + words[0];
        }
    }

    private void put(long w0, long w1) {
        bed.memory.write64(end, w0);
        bed.memory.write64(end + 8, w1);
        // What is behind a command is none of its words.
        bed.memory.write64(end + 16, -1);
        end += 16;
    }

    @Test
    void shouldCarryOutOneAfterTheOther() {
        put(PLAIN, 7);
        put(PLAIN, 8);
        loop.wake();
        assertThat(loop.working()).isTrue();
        bed.run();
        assertThat(told).containsExactly("decoded 1 7 0 at 0", "decoded 1 8 0 at 16", "idle");
        assertThat(loop.working()).isFalse();
        // One to start, then two for memory and two to decode of each.
        assertThat(bed.sim.now()).isEqualTo(9_000);
    }

    @Test
    void shouldTakeItsTimeToInvalidate() {
        put(INVALIDATES, 0);
        loop.wake();
        bed.run();
        assertThat(told).containsExactly("decoded 2 0 0 at 0", "invalidated 8", "idle");
    }

    @Test
    void shouldNeedNoTimeIfAskedTo() {
        loop = loop(0, 0);
        put(INVALIDATES, 0);
        loop.wake();
        bed.run();
        assertThat(told).containsExactly("decoded 2 0 0 at 0", "invalidated 3", "idle");
    }

    @Test
    void shouldNotStartWithoutReason() {
        loop.wake();
        assertThat(loop.working()).isFalse();
        put(LATER, 0);
        loop.wake();
        bed.run();
        assertThat(loop.working()).isTrue();
        loop.wake();
        bed.run();
        assertThat(told).hasSize(1);
        loop.done();
        assertThat(told).endsWith("idle");
    }

    @Test
    void shouldStopAtAnErrorAndForgetTheCommand() {
        put(WRONG, 5);
        put(PLAIN, 6);
        loop.wake();
        bed.run();
        assertThat(told).containsExactly("decoded 3 5 0 at 0", "idle");
        assertThat(loop.words()).containsOnly(0);
        assertThat(loop.at()).isZero();
        next = 16;
        loop.wake();
        bed.run();
        assertThat(told).contains("decoded 1 6 0 at 16");
    }

    @Test
    void shouldStopWhereNothingCanBeRead() {
        next = ControlBed.END;
        end = next + 16;
        loop.wake();
        bed.run();
        assertThat(told).containsExactly("unreadable " + ControlBed.END, "idle");
    }

    @Test
    void shouldFetchNothingThatIsNotSound() {
        sound = false;
        put(PLAIN, 0);
        loop.wake();
        bed.run();
        assertThat(told).containsExactly("unsound", "idle");
    }

    @Test
    void shouldLeaveACommandWhereItIsIfItIsStopped() {
        for (int ps : new int[] {500, 2_500, 4_500}) {
            told.clear();
            stopped = false;
            put(PLAIN, 0);
            loop.wake();
            bed.sim.scheduler().runUntil(bed.sim.now() + ps);
            stopped = true;
            bed.run();
            assertThat(told).containsExactly("idle");
        }
        assertThat(next).isZero();
    }
}
