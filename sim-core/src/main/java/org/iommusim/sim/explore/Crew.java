package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The subjects of a search, one for each worker; made when they are first needed, on the thread that asks. */
final class Crew {
    private final Supplier<? extends Subject> supplier;
    private final int workers;
    private final List<Member> members = new ArrayList<>();

    /**
     * A worker's subject.
     *
     * @param start the mark of the initial state
     */
    record Member(Subject subject, int start) {}

    Crew(Supplier<? extends Subject> supplier, int workers) {
        this.supplier = supplier;
        this.workers = workers;
    }

    /** Most workers. */
    int workers() {
        return workers;
    }

    /** The subject of a worker, which is in any state that can be taken back to the initial one. */
    Member member(int worker) {
        while (members.size() <= worker) {
            Subject subject = supplier.get();
            members.add(new Member(subject, subject.mark()));
        }
        return members.get(worker);
    }
}
