package org.iommusim.hw.walk;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;

/** Runs one format against memory without an engine, caches or time. */
public final class DirectWalk {
    /** 4 GiB of RAM from 0 on. */
    public final PhysicalMemory memory;
    /** The walk's state: operands of the last answer. */
    public final WalkState state = new WalkState();
    /** How many entries the last walk updated. */
    public int updates;

    /** What somebody else does before an update gets to memory; nothing by itself. */
    public Runnable beforeUpdate = () -> {};

    /** Starts with empty memory. */
    public DirectWalk() {
        Simulation sim = Simulation.seeded(1).build();
        memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 32);
        memory.addRam(0, 1L << 32, PageOwner.UNTRACKED);
    }

    /** Geometry of the walks. */
    public StageParameters parameters() {
        return state.parameters;
    }

    /** Walks to the end. */
    public WalkAction walk(long address, int access) {
        TableFormat format = state.parameters.format;
        if (format == null) {
            throw new IllegalStateException("no format");
        }
        updates = 0;
        state.begin(address, access);
        WalkAction action = format.start(state);
        while (true) {
            switch (action) {
                case READ -> action = format.descriptor(state, memory.read64(state.readAddress));
                case UPDATE -> {
                    updates++;
                    beforeUpdate.run();
                    if (memory.read64(state.updateAddress) == state.updateExpected) {
                        memory.write64(state.updateAddress, state.updateValue);
                    }
                    action = format.descriptor(state, memory.read64(state.updateAddress));
                }
                default -> {
                    return action;
                }
            }
        }
    }
}
