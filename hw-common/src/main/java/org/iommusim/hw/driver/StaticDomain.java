package org.iommusim.hw.driver;

import org.iommusim.sim.world.World;

/** The domain that blocks everything, or the one that passes everything: one of each for every unit. */
public final class StaticDomain implements IommuDomain {
    private final Object unit;
    private final String unitName;
    private final Type type;
    private final long id;

    /**
     * Makes one.
     *
     * @param unit whose it is: what the driver knows of its hardware
     */
    public StaticDomain(Object unit, String unitName, World world, Type type) {
        this.unit = unit;
        this.unitName = unitName;
        this.type = type;
        id = world.nextInstance();
    }

    /** Whose it is. */
    public Object unit() {
        return unit;
    }

    @Override
    public Type type() {
        return type;
    }

    @Override
    public String name() {
        return unitName + (type == Type.BLOCKED ? " blocked" : " identity");
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return name();
    }
}
