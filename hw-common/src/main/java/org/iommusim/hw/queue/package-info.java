/** Ring queues in memory with index, wrap bit and overflow, as all IOMMUs have them; and lists of what software puts into one. */
@NullMarked
package org.iommusim.hw.queue;

import org.jspecify.annotations.NullMarked;
