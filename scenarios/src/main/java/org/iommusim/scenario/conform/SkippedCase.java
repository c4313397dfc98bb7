package org.iommusim.scenario.conform;

/**
 * A case for which there is no model yet.
 *
 * @param id its name
 * @param why what is missing
 */
record SkippedCase(String id, String why) implements VectorCase {
    /** None is carried out. */
    @Override
    public int operations() {
        return 0;
    }

    @Override
    public CaseResult judge(boolean verbose) {
        CaseResult.Builder result = new CaseResult.Builder(id, null);
        result.skip(why);
        return result.build();
    }
}
