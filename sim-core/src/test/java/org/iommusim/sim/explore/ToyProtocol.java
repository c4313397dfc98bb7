package org.iommusim.sim.explore;

import java.util.Arrays;
import java.util.List;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.world.Mix;

/**
 * A small protocol to measure engines with, its state packed into 64 bits: one object in a slot, with a count of its users
 * and a lock. Lane 0 destroys it (lock, load, check that nobody uses it, erase, unlock, put, free); the other lanes use it
 * (lock, load, take a reference, unlock, use, use and write, put). Nobody may touch it once it is freed.
 *
 * <p>Bug 1: users look the object up without the lock. Bug 2: users touch it once more after they have put it.
 *
 * <p>From the low end: lock, slot, freed (1 bit each), users (4), data (4), then the place of each lane (4 each).
 */
public final class ToyProtocol implements SymmetricSubject {
    private static final long LOCK = 1;
    private static final long SLOT = 1 << 1;
    private static final long FREED = 1 << 2;
    private static final int USERS_SHIFT = 3;
    private static final long USERS_ONE = 1 << USERS_SHIFT;
    private static final long DATA_ONE = 1 << 7;
    private static final int PLACES_SHIFT = 11;
    private static final int TOLD_SHIFT = 62;
    private static final int MOST_USERS = 11;

    private static final int DONE = 8;
    private static final int TOUCH_AFTER_PUT = 9;

    /** Keys of the shared variables. */
    private static final long LOCK_KEY = 1;

    private static final long SLOT_KEY = 2;
    private static final long USERS_KEY = 3;
    private static final long FREED_KEY = 4;
    private static final long DATA_KEY = 5;

    private final int lanes;
    /** The lowest bit of each lane's place. */
    private final long everyLane;

    private final int bug;
    private final long[] saved;
    private final Accesses accesses = new Accesses();
    private long state;
    private int depth;
    private boolean recording;
    private List<Violation> violations = List.of();

    /**
     * Makes the protocol in its initial state.
     *
     * @param users number of lanes that use the object, 1 to 11
     * @param bug 0 for none, 1 or 2
     */
    public ToyProtocol(int users, int bug) {
        if (users < 1 || users > MOST_USERS || bug < 0 || bug > 2) {
            throw new IllegalArgumentException(users + " users, bug " + bug);
        }
        this.lanes = users + 1;
        this.bug = bug;
        everyLane = 0x1111_1111_1111L & (1L << 4 * lanes) - 1;
        saved = new long[lanes * 10];
        state = SLOT | USERS_ONE;
        if (bug == 1) {
            for (int lane = 1; lane < lanes; lane++) {
                go(lane, 0, 1);
            }
        }
    }

    /** The whole state. */
    long state() {
        return state;
    }

    private int place(int lane) {
        return (int) (state >>> (PLACES_SHIFT + 4 * lane)) & 15;
    }

    private void go(int lane, int from, int to) {
        state += (long) (to - from) << (PLACES_SHIFT + 4 * lane);
    }

    private long users() {
        return state >>> USERS_SHIFT & 15;
    }

    @Override
    public int lanes() {
        return lanes;
    }

    @Override
    public String laneName(int lane) {
        return lane == 0 ? "destroyer" : "user " + lane;
    }

    @Override
    public int enabled(int[] into) {
        // All lanes at once: one bit for each lane in the lowest bit of its place.
        long places = state >>> PLACES_SHIFT;
        long done = places >>> 3 & ~places;
        long first = ~(places | places >>> 1 | places >>> 2 | places >>> 3);
        long blocked = (state & LOCK) != 0 ? done | first : done;
        int count = 0;
        for (long left = everyLane & ~blocked; left != 0; left &= left - 1) {
            into[count++] = Long.numberOfTrailingZeros(left) >>> 2;
        }
        return count;
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return false;
    }

    @Override
    public boolean step(int lane) {
        saved[depth++] = state;
        accesses.clear();
        int place = place(lane);
        boolean good = lane == 0 ? destroy(place) : use(lane, place);
        if (!good) {
            violations = List.of(new Violation(0, "use-after-free", laneName(lane) + " touches the freed object"));
        }
        return good;
    }

    private boolean use(int lane, int place) {
        return switch (place) {
            case 0 -> lock(lane);
            case 1 -> load(lane, bug == 1 ? DONE : 7);
            case 2 -> {
                boolean good = touch();
                addUsers(1);
                go(lane, 2, bug == 1 ? 4 : 3);
                yield good;
            }
            case 3 -> unlock(lane, 3, 4);
            case 4 -> {
                read(DATA_KEY);
                go(lane, 4, 5);
                yield touch();
            }
            case 5 -> {
                write(DATA_KEY);
                state += DATA_ONE;
                go(lane, 5, 6);
                yield touch();
            }
            case 6 -> {
                boolean good = touch();
                addUsers(-1);
                go(lane, 6, bug == 2 ? TOUCH_AFTER_PUT : DONE);
                yield good;
            }
            case TOUCH_AFTER_PUT -> {
                go(lane, TOUCH_AFTER_PUT, DONE);
                yield touch();
            }
            case 7 -> unlock(lane, 7, DONE);
            default -> throw new IllegalStateException("user " + lane + " has no step at " + place);
        };
    }

    private boolean destroy(int place) {
        return switch (place) {
            case 0 -> lock(0);
            case 1 -> load(0, 7);
            case 2 -> {
                read(USERS_KEY);
                go(0, 2, users() != 1 ? 7 : 3);
                yield true;
            }
            case 3 -> {
                write(SLOT_KEY);
                state &= ~SLOT;
                go(0, 3, 4);
                yield true;
            }
            case 4 -> unlock(0, 4, 5);
            case 5 -> {
                addUsers(-1);
                go(0, 5, 6);
                yield true;
            }
            case 6 -> {
                write(FREED_KEY);
                state |= FREED;
                go(0, 6, DONE);
                yield true;
            }
            case 7 -> unlock(0, 7, DONE);
            default -> throw new IllegalStateException("the destroyer has no step at " + place);
        };
    }

    private boolean lock(int lane) {
        write(LOCK_KEY);
        state |= LOCK;
        go(lane, 0, 1);
        return true;
    }

    private boolean unlock(int lane, int from, int to) {
        write(LOCK_KEY);
        state &= ~LOCK;
        go(lane, from, to);
        return true;
    }

    private boolean load(int lane, int ifEmpty) {
        read(SLOT_KEY);
        go(lane, 1, (state & SLOT) == 0 ? ifEmpty : 2);
        return true;
    }

    private boolean touch() {
        read(FREED_KEY);
        return (state & FREED) == 0;
    }

    private void addUsers(int by) {
        write(USERS_KEY);
        state += by * USERS_ONE;
    }

    private void read(long key) {
        if (recording) {
            accesses.noteRead(key);
        }
    }

    private void write(long key) {
        if (recording) {
            accesses.noteWrite(key);
        }
    }

    @Override
    public boolean end() {
        return true;
    }

    @Override
    public List<Violation> violations() {
        return violations;
    }

    @Override
    public int mark() {
        return depth;
    }

    @Override
    public void undoTo(int mark) {
        if (mark < depth) {
            state = saved[mark];
            depth = mark;
        }
        violations = List.of();
    }

    @Override
    public long fingerprintHigh() {
        return Mix.mix(state);
    }

    @Override
    public long fingerprintLow() {
        return Mix.mix(~state);
    }

    @Override
    public long canonicalHigh(int told) {
        return Mix.mix(canonical(told));
    }

    @Override
    public long canonicalLow(int told) {
        return Mix.mix(~canonical(told));
    }

    /** The state with the places of the users in order; the told user stands first. */
    private long canonical(int told) {
        int[] places = new int[lanes - 1];
        for (int lane = 1; lane < lanes; lane++) {
            places[lane - 1] = place(lane) + (lane == told ? 0 : 16);
        }
        Arrays.sort(places);
        long canonical = state & ((1L << (PLACES_SHIFT + 4)) - 1);
        for (int i = 0; i < places.length; i++) {
            canonical |= (long) (places[i] & 15) << (PLACES_SHIFT + 4 * (i + 1));
        }
        return canonical | (told < 0 ? 0 : told == 0 ? 1L : 2L) << TOLD_SHIFT;
    }

    @Override
    public void recordAccesses(boolean on) {
        recording = on;
    }

    @Override
    public Accesses accesses() {
        return accesses;
    }
}
