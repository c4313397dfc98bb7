package org.iommusim.hw.contract;

import java.util.ArrayList;
import java.util.List;

/**
 * What software may rely on when it maintains translations, kept by a bookkeeper who knows the architecture's rules and no
 * cache: which physical pages an access to a page may still end in. A page that no table leads to any more goes when completion
 * is told behind a command that covers it. A vendor says which commands those are.
 *
 * @param <S> whose tables they are: their tags, and which stages there are
 * @param <P> a place, with what the vendor's rules depend on
 */
public abstract class MaintenanceBook<S, P extends MaintenanceBook.Place<S>> {
    /** One place where an access may end. */
    public abstract static class Place<S> {
        public final S space;
        public final long iova;
        public final long pa;
        /** Number of the command that ends it; 0: none yet. */
        private long endedBy;

        protected Place(S space, long iova, long pa) {
            this.space = space;
            this.iova = iova;
            this.pa = pa;
        }

        /** True if no table leads here any more. */
        protected abstract boolean gone();
    }

    private final List<P> places = new ArrayList<>();
    private long commands;
    private long stale;

    /** The page of {@code old} leads to {@code next} from now on. */
    protected abstract void left(P old, P next);

    /** True if a command ends a place that is gone; it may also take a note of the command there. */
    protected abstract boolean ends(P place, long w0, long w1);

    /** A page leads to this place from now on. */
    public final void moved(P next) {
        for (P place : places) {
            if (place.space.equals(next.space) && place.iova == next.iova) {
                left(place, next);
            }
        }
        places.add(next);
    }

    /** A command is in the queue; changes that come later are none of its business. */
    public final void issued(long w0, long w1) {
        commands++;
        for (P place : places) {
            Place<S> entry = place;
            if (entry.gone() && entry.endedBy == 0 && ends(place, w0, w1)) {
                entry.endedBy = commands;
            }
        }
    }

    /** Completion is told behind so many commands. */
    final void completed(long number) {
        places.removeIf(place -> isOver(place, number));
    }

    private static boolean isOver(Place<?> place, long number) {
        return place.endedBy != 0 && place.endedBy <= number;
    }

    final long commands() {
        return commands;
    }

    /** How often an access ended in a place that no table leads to any more. */
    final long stale() {
        return stale;
    }

    /** An access is carried out; false if it may not end there. */
    final boolean allows(S space, long iova, long pa) {
        for (P place : places) {
            if (place.space.equals(space) && place.iova == iova && place.pa == pa) {
                stale += place.gone() ? 1 : 0;
                return true;
            }
        }
        return false;
    }
}
