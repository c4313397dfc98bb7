package org.iommusim.iommufd.actor;

import java.util.List;

/** A step's fields, already checked against its verb, and what they refer to at the moment when the step starts. */
public interface StepArguments {
    /** Who does it. */
    Actor actor();

    /** True if the step has this field. */
    boolean has(String field);

    /** A NUMBER, SIZE or DURATION (ps); the default if absent. */
    long number(String field, long absent);

    /** A TEXT, NEW_NAME, DEVICE or TRAFFIC field's word; the default if absent. */
    String text(String field, String absent);

    /** A FLAG; false if absent. */
    boolean flag(String field);

    /** WORDS; empty if absent. */
    List<String> words(String field);

    /**
     * What a REFERENCE or a plain number stands for: an object id, a file, an address; 0 if absent. A name whose step
     * failed was never bound and stands for 0, which is no id, no file and no address: the call that gets it says so.
     */
    long reference(String field);

    /** Gives the step's result a name for later steps; nothing happens if the step has no such field. */
    void bind(String field, long value);

    /** Tells an output of the step, for the timeline and for expectations. */
    void output(String name, long value);

    /** An exception that says what is wrong with this step, for the body to throw. */
    ScriptException problem(String problem);
}
