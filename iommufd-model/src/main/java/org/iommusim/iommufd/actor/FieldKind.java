package org.iommusim.iommufd.actor;

/** What kind of value a field of a step holds, as scenarios write it. */
public enum FieldKind {
    /** A non-negative integer, or a string in hexadecimal ({@code "0x1000"}). */
    NUMBER,
    /** A virtual device id (StreamID, DeviceID, requester id as a guest numbers it): a NUMBER, shown in hexadecimal. */
    VIRT_ID,
    /** A size or address: a NUMBER, or a string with a unit ({@code "64KiB"}, {@code "2MiB"}, {@code "1GiB"}). */
    SIZE,
    /** A span of simulated time with its unit: {@code "250ns"}, {@code "1.5us"}, {@code "2ms"}, {@code "10s"}; long, in ps. */
    DURATION,
    /** Free text or one word. */
    TEXT,
    /** true or false. */
    FLAG,
    /** The id of a device of the topology. */
    DEVICE,
    /** A name that this step gives to its result: letters, digits, {@code _}. */
    NEW_NAME,
    /** {@code $name}: a result that an earlier step of the same actor (or {@code $actor.name}: of another one) named. */
    REFERENCE,
    /** The id of a traffic of the topology. */
    TRAFFIC,
    /** A list of words. */
    WORDS
}
