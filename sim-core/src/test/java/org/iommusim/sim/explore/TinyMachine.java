package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.world.Mix;

/**
 * A machine for small protocols: tasks that run lists of operations over a few variables, locks that queue their waiters,
 * locks that a task spins on, a wait queue, timers, and a device that works off what tasks hand to it.
 *
 * <p>Lanes: the tasks, then a timer for each, then the device.
 */
final class TinyMachine implements Subject {
    static final int VARIABLES = 3;
    static final int LOCKS = 2;

    /** What an operation does; {@code a} and {@code b} are its operands. */
    enum Kind {
        /** Folds variable {@code a} into the register. */
        READ,
        /** Stores {@code b} plus the register into variable {@code a}. */
        WRITE,
        /** Stores {@code b} into variable {@code a}. */
        SET,
        /** Adds 1 to variable {@code a}. */
        ADD,
        /** Takes lock {@code a} or queues for it, first come first served. */
        LOCK,
        /** Hands lock {@code a} to the first in its queue. */
        UNLOCK,
        /** Takes lock {@code a}; not enabled while somebody has it. */
        SPIN_LOCK,
        /** Gives it up. */
        SPIN_UNLOCK,
        /** Sleeps until variable {@code a} is not 0; for ever, or with a timer if {@code b} is 1. */
        AWAIT,
        /** Leaves out the next operation if variable {@code a} is not 0. */
        SKIP_IF,
        /** Sleeps until the next wake-up, whatever the variables are; with a timer if {@code b} is 1. */
        SLEEP,
        /** Wakes all sleepers. */
        WAKE,
        /** Hands "store {@code b} into variable {@code a}" to the device. */
        HAND,
        /** Is wrong if variable {@code a} is {@code b}. */
        WRONG_IF
    }

    /** One operation. */
    record Op(Kind kind, int a, int b) {
        static Op of(Kind kind, int a) {
            return new Op(kind, a, 0);
        }
    }

    private static final int READY = 0;
    private static final int QUEUED = 1;
    private static final int GRANTED = 2;
    private static final int ASLEEP = 3;

    /** Keys of what is shared: variables from 0, then locks, spin locks, the wait queue, and lanes. */
    private static final long LOCK_KEY = 100;

    private static final long SPIN_KEY = 200;
    private static final long SLEEPERS_KEY = 300;
    private static final long LANE_KEY = 400;

    private final List<List<Op>> programs;
    private final int tasks;
    private final Accesses accesses = new Accesses();
    private final List<int[]> saved = new ArrayList<>();
    private List<Violation> violations = List.of();
    private boolean recording;

    /** Places in the state. */
    private final int lockOwner = VARIABLES;

    private final int lockQueue = lockOwner + LOCKS;
    private final int spinOwner = lockQueue + LOCKS;
    private final int sleepers = spinOwner + LOCKS;
    private final int budget = sleepers + 1;
    private final int handed = budget + 1;
    private final int taken = handed + 1;
    private final int place = taken + 1;
    private final int register;
    private final int status;
    private final int timer;
    private final int passed;
    private final int jobs;
    private int[] s;

    TinyMachine(List<List<Op>> programs, int timeouts) {
        this.programs = programs;
        tasks = programs.size();
        register = place + tasks;
        status = register + tasks;
        timer = status + tasks;
        passed = timer + tasks;
        jobs = passed + tasks;
        int most = programs.stream().mapToInt(List::size).sum();
        s = new int[jobs + most];
        s[budget] = timeouts;
    }

    private Op next(int task) {
        return s[place + task] < programs.get(task).size() ? programs.get(task).get(s[place + task]) : null;
    }

    @Override
    public int lanes() {
        return 2 * tasks + 1;
    }

    @Override
    public String laneName(int lane) {
        return lane < tasks ? "task " + lane : lane < 2 * tasks ? "timer " + (lane - tasks) : "device";
    }

    @Override
    public int enabled(int[] into) {
        int count = 0;
        for (int lane = 0; lane < lanes(); lane++) {
            if (runs(lane) && (lane < tasks || lane == 2 * tasks || s[budget] > 0)) {
                into[count++] = lane;
            }
        }
        for (int lane = tasks; count == 0 && lane < 2 * tasks; lane++) {
            if (runs(lane)) {
                into[count++] = lane;
                while (++lane < 2 * tasks) {
                    if (runs(lane)) {
                        into[count++] = lane;
                    }
                }
            }
        }
        return count;
    }

    private boolean runs(int lane) {
        if (lane == 2 * tasks) {
            return s[taken] < s[handed];
        } else if (lane >= tasks) {
            return s[timer + lane - tasks] != 0;
        } else if (s[status + lane] == GRANTED) {
            return true;
        }
        Op op = next(lane);
        return s[status + lane] == READY && op != null && !(op.kind == Kind.SPIN_LOCK && s[spinOwner + op.a] != 0);
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return lane >= tasks && lane < 2 * tasks;
    }

    @Override
    public boolean step(int lane) {
        saved.add(s);
        s = s.clone();
        accesses.clear();
        violations = List.of();
        if (lane == 2 * tasks) {
            int job = s[jobs + s[taken]++];
            s[job / 10] = job % 10;
            wrote(job / 10);
        } else if (lane >= tasks) {
            fire(lane - tasks);
        } else if (s[status + lane] == GRANTED) {
            s[status + lane] = READY;
            guard(lane);
        } else {
            run(lane, next(lane));
            guard(lane);
        }
        return violations.isEmpty();
    }

    /** The step that comes to a spin lock looks at it. */
    private void guard(int task) {
        Op op = next(task);
        if (op != null && op.kind == Kind.SPIN_LOCK) {
            read(SPIN_KEY + op.a);
        }
    }

    private void fire(int task) {
        boolean early = false;
        for (int lane = 0; lane <= 2 * tasks; lane++) {
            early |= (lane < tasks || lane == 2 * tasks) && runs(lane);
        }
        s[budget] -= early ? 1 : 0;
        s[timer + task] = 0;
        if (s[status + task] == ASLEEP) {
            wrote(SLEEPERS_KEY);
            s[sleepers] &= ~(1 << task);
            s[status + task] = READY;
            s[register + task] = 100;
            s[place + task]++;
        } else {
            s[passed + task] = 1;
        }
    }

    private void run(int task, Op op) {
        s[place + task]++;
        switch (op.kind) {
            case READ -> {
                read(op.a);
                s[register + task] = 7 * s[register + task] + s[op.a];
            }
            case WRITE -> set(op.a, op.b + s[register + task]);
            case SET -> set(op.a, op.b);
            case ADD -> set(op.a, s[op.a] + 1);
            case LOCK -> lock(task, op.a);
            case UNLOCK -> unlock(task, op.a);
            case SPIN_LOCK -> {
                wrote(SPIN_KEY + op.a);
                s[spinOwner + op.a] = task + 1;
            }
            case SPIN_UNLOCK -> {
                wrote(SPIN_KEY + op.a);
                s[spinOwner + op.a] = s[spinOwner + op.a] == task + 1 ? 0 : s[spinOwner + op.a];
            }
            case AWAIT -> await(task, op);
            case SKIP_IF -> {
                read(op.a);
                s[place + task] += s[op.a] != 0 ? 1 : 0;
            }
            case SLEEP -> sleep(task, op, s[register + task] == 1000);
            case WAKE -> wake();
            case HAND -> {
                s[jobs + s[handed]++] = 10 * op.a + op.b;
                woke(2 * tasks);
            }
            case WRONG_IF -> {
                read(op.a);
                if (s[op.a] == op.b) {
                    violations = List.of(new Violation(0, "wrong", "task " + task + " sees " + op));
                }
            }
        }
    }

    private void lock(int task, int lock) {
        wrote(LOCK_KEY + lock);
        if (s[lockOwner + lock] == 0) {
            s[lockOwner + lock] = task + 1;
        } else if (s[lockOwner + lock] != task + 1) {
            int digits = s[lockQueue + lock];
            s[lockQueue + lock] = 8 * digits + task + 1;
            s[status + task] = QUEUED;
        }
    }

    private void unlock(int task, int lock) {
        wrote(LOCK_KEY + lock);
        if (s[lockOwner + lock] != task + 1) {
            return;
        }
        int digits = s[lockQueue + lock];
        int first = digits;
        int unit = 1;
        while (first >= 8) {
            first /= 8;
            unit *= 8;
        }
        s[lockOwner + lock] = first;
        s[lockQueue + lock] = digits - first * unit;
        if (first != 0) {
            s[status + first - 1] = GRANTED;
            woke(first - 1);
        }
    }

    private void await(int task, Op op) {
        read(op.a);
        if (s[op.a] != 0 || s[passed + task] != 0) {
            s[register + task] += s[op.a] != 0 ? 0 : 100;
            s[timer + task] = 0;
            s[passed + task] = 0;
        } else {
            s[place + task]--;
            fallAsleep(task, op.b);
        }
    }

    /** Sleeps once: the register tells that it was woken. */
    private void sleep(int task, Op op, boolean woken) {
        if (woken || s[passed + task] != 0) {
            s[register + task] = 0;
            s[timer + task] = 0;
            s[passed + task] = 0;
        } else {
            s[place + task]--;
            s[register + task] = 1000;
            fallAsleep(task, op.b);
        }
    }

    private void fallAsleep(int task, int timed) {
        wrote(SLEEPERS_KEY);
        s[sleepers] |= 1 << task;
        s[status + task] = ASLEEP;
        s[timer + task] |= timed;
    }

    private void wake() {
        wrote(SLEEPERS_KEY);
        for (int task = 0; task < tasks; task++) {
            if ((s[sleepers] & 1 << task) != 0) {
                s[status + task] = READY;
                woke(task);
            }
        }
        s[sleepers] = 0;
    }

    private void set(int variable, int value) {
        wrote(variable);
        s[variable] = value;
    }

    private void read(long key) {
        if (recording) {
            accesses.noteRead(key);
        }
    }

    private void wrote(long key) {
        if (recording) {
            accesses.noteWrite(key);
        }
    }

    private void woke(int lane) {
        if (recording) {
            accesses.noteWake(lane);
            accesses.noteWrite(LANE_KEY + lane);
        }
    }

    @Override
    public boolean end() {
        violations = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            if (next(task) != null) {
                violations.add(new Violation(0, "stuck", "task " + task + " waits for ever at " + next(task)));
            }
        }
        return violations.isEmpty();
    }

    @Override
    public List<Violation> violations() {
        return violations;
    }

    @Override
    public int mark() {
        return saved.size();
    }

    @Override
    public void undoTo(int mark) {
        violations = List.of();
        if (mark == saved.size()) {
            return;
        }
        s = saved.get(mark);
        saved.subList(mark, saved.size()).clear();
    }

    @Override
    public long fingerprintHigh() {
        long hash = 0;
        for (int word : s) {
            hash = Mix.mix(hash + word + 1);
        }
        return hash;
    }

    @Override
    public long fingerprintLow() {
        return Mix.mix(~fingerprintHigh());
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
