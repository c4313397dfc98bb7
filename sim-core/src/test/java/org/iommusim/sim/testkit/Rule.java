package org.iommusim.sim.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says that a test checks a rule of a {@code rules/*.txt} list: {@code @Rule("SMMU-HTTU-03")}. One test may check several
 * rules, and a rule may have several tests. {@link RuleCoverage} compares lists and tests.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Rule.List.class)
public @interface Rule {
    /** The rule's id, as its list writes it. */
    String value();

    /** Holds several {@link Rule} at one place; the compiler writes it. */
    @Target({ElementType.METHOD, ElementType.TYPE})
    @Retention(RetentionPolicy.RUNTIME)
    @interface List {
        /** The rules. */
        Rule[] value();
    }
}
