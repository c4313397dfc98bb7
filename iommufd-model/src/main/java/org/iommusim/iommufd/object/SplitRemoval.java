package org.iommusim.iommufd.object;

import org.iommusim.sim.program.Call;

/**
 * {@code iommufd_object_destroy_user} in two calls, for a caller that does something in the middle of it.
 *
 * @param untilUnlinked waits and unlinks; answers what the whole would answer
 * @param rest destroys and frees; only if the first part succeeded
 */
public record SplitRemoval(Call<?> untilUnlinked, Call<?> rest) {}
