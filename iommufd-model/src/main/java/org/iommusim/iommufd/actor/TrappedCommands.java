package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/**
 * Invalidation commands of a guest address space that are kept for later. An immutable list, the oldest first.
 *
 * @param virtualId whose device
 * @param pasid and which PASID of it; 0: requests without
 * @param commands as the guest's driver made them
 * @param next the rest of the list
 */
record TrappedCommands(
        long virtualId,
        int pasid,
        UserData commands,
        @Nullable TrappedCommands next) implements Identified {
    /** A list with more at its end. */
    static TrappedCommands append(@Nullable TrappedCommands list, long virtualId, int pasid, UserData commands) {
        return list == null
                ? new TrappedCommands(virtualId, pasid, commands, null)
                : new TrappedCommands(
                        list.virtualId, list.pasid, list.commands, append(list.next, virtualId, pasid, commands));
    }

    /** All commands that go to a target, behind each other. */
    static UserData to(TrapTarget target, TrapTarget targets, TrappedCommands list) {
        byte[] all = new byte[0];
        for (TrappedCommands c = list; c != null; c = c.next) {
            if (TrapTarget.find(targets, c.virtualId, c.pasid) == target) {
                byte[] more = new byte[all.length + c.commands.length()];
                System.arraycopy(all, 0, more, 0, all.length);
                c.commands.memory().copyFromUser(c.commands.address(), more, all.length, c.commands.length());
                all = more;
            }
        }
        return UserData.ofBytes(list.commands.type(), all);
    }

    /** A list without the commands that go to a target, or nowhere if it is {@code null}. */
    static @Nullable TrappedCommands without(
            @Nullable TrapTarget target, @Nullable TrapTarget targets, @Nullable TrappedCommands list) {
        if (list == null) {
            return null;
        }
        TrappedCommands rest = without(target, targets, list.next);
        return TrapTarget.find(targets, list.virtualId, list.pasid) == target
                ? rest
                : new TrappedCommands(list.virtualId, list.pasid, list.commands, rest);
    }

    @Override
    public long stableId() {
        long here = (virtualId * 31 + pasid) * 31 + commands.length();
        return (next == null ? 7 : next.stableId()) * 1_000_003 + here;
    }
}
