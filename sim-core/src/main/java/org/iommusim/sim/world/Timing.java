package org.iommusim.sim.world;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a plain field, or a class of them, that only says when something happens, or which of several that are alike is used
 * next, and never what: in an exploration, where time is a label, it tells no states apart.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.TYPE})
public @interface Timing {}
