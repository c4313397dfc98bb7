package org.iommusim.iommufd.object;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.sim.world.Identified;

/**
 * Adds up who holds which reference and why, and compares with the counts. True whenever no call is in progress on the
 * context: calls hold references of their own.
 */
public final class GraphAudit implements ReferenceSink {
    private final IommufdCtx ctx;
    private final Map<Long, Tally> tallies = new TreeMap<>();
    private final Map<String, Shared> shares = new TreeMap<>();
    private final List<String> contradictions = new ArrayList<>();
    private final List<String> files = new ArrayList<>();

    private GraphAudit(IommufdCtx ctx) {
        this.ctx = ctx;
    }

    /**
     * Audits a context.
     *
     * @param fileHolders how many references outside of the object graph hold the file: descriptors, bound device files
     * @return one line for each count that nobody can explain; empty if the graph is right
     */
    public static List<String> of(IommufdCtx ctx, int fileHolders) {
        GraphAudit audit = new GraphAudit(ctx);
        List<IommufdObject> live = ctx.objects().live();
        live.forEach(audit::tally);
        live.forEach(object -> object.holds(audit));
        return audit.findings(fileHolders);
    }

    /** Every live object of a context with its counts and who holds it, one line each. */
    public static List<String> describe(IommufdCtx ctx) {
        GraphAudit audit = new GraphAudit(ctx);
        List<IommufdObject> live = ctx.objects().live();
        live.forEach(audit::tally);
        live.forEach(object -> object.holds(audit));
        List<String> lines = new ArrayList<>();
        for (Tally tally : audit.tallies.values()) {
            IommufdObject object = tally.object;
            lines.add(object + ": users " + object.users() + ", wait_cnt " + object.waitCnt() + " " + tally.why
                    + (object.detail().isEmpty() ? "" : "; " + object.detail()));
        }
        return lines;
    }

    private Tally tally(IommufdObject object) {
        return tallies.computeIfAbsent(object.stableId(), id -> new Tally(object));
    }

    @Override
    public void users(IommufdObject held, int count, String why) {
        Tally tally = tally(held);
        tally.users += count;
        tally.why.add(count + " users: " + why);
    }

    @Override
    public void waits(IommufdObject held, String why) {
        Tally tally = tally(held);
        tally.waits++;
        tally.why.add("1 wait_cnt: " + why);
    }

    @Override
    public void file(IommufdCtx held, String why) {
        files.add(why);
    }

    @Override
    public void share(Identified shared, String name, long actual, long share) {
        Shared sum = shares.computeIfAbsent(name + " of " + shared.stableId(), key -> new Shared(actual));
        sum.explained += share;
    }

    @Override
    public void finding(String what) {
        contradictions.add(what);
    }

    private List<String> findings(int fileHolders) {
        List<String> findings = new ArrayList<>(contradictions);
        shares.forEach((name, sum) -> {
            if (sum.actual != sum.explained) {
                findings.add(name + " is " + sum.actual + " but explained are " + sum.explained);
            }
        });
        for (Tally tally : tallies.values()) {
            IommufdObject object = tally.object;
            if (object.freed()) {
                findings.add(object + " is freed but held: " + tally.why);
            } else if (object.users() != tally.users || object.waitCnt() != tally.waits) {
                findings.add(object + " has users " + object.users() + ", wait_cnt " + object.waitCnt()
                        + " but explained are " + tally.users + " and " + tally.waits + " by " + tally.why);
            }
        }
        if (ctx.fileReferences() != fileHolders + files.size()) {
            findings.add("the file of " + ctx + " has " + ctx.fileReferences() + " references but explained are "
                    + fileHolders + " outside and " + files);
        }
        return findings;
    }

    private static final class Shared {
        final long actual;
        long explained;

        Shared(long actual) {
            this.actual = actual;
        }
    }

    private static final class Tally {
        final IommufdObject object;
        final List<String> why = new ArrayList<>(List.of("1 users, 1 wait_cnt: itself"));
        int users = 1;
        int waits = 1;

        Tally(IommufdObject object) {
            this.object = object;
        }
    }
}
