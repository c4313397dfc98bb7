/**
 * Checkers of the kernel: each watches for one kind of mistake, remembers what it must in cells, and never changes a result.
 *
 * <p>They hear of objects ({@link org.iommusim.iommufd.object.ObjectWatcher}), devices ({@link
 * org.iommusim.iommufd.device.DeviceWatcher}), invalidations ({@link org.iommusim.iommufd.device.InvalidationWatcher}) and
 * page requests ({@link org.iommusim.iommufd.eventq.FaultWatcher}) in the very step in which something happens, and judge
 * there or at the end. {@link org.iommusim.iommufd.check.KernelCheckers} makes all of them, with those of {@code
 * sim.program.check} that know only tasks and locks. A finding says what was done to which object; its scene says where
 * every busy task stood and which locks it held.
 *
 * <p>What is known of a kernel and accepted is told from a violation by {@link
 * org.iommusim.iommufd.policy.AcceptedDeviations}, from the checker and from the scene.
 *
 * <h2>What must always hold, and who watches</h2>
 *
 * <table>
 * <caption>Invariants of the life cycle of objects</caption>
 * <tr><th>Invariant</th><th>Checkers</th><th>Tests</th></tr>
 * <tr><td>1. Unbind does not fail, ends in bounded time and leaves no device object</td>
 *     <td>{@code must-succeed}, {@code WARN}, {@code unbounded-wait}, {@code deadlock}, {@code lost-wakeup}</td>
 *     <td>MustSucceedTest, UnboundedWaitTest, DeadlockTest, LostWakeupTest, WaitTest</td></tr>
 * <tr><td>2. Only user space destroys what user space made, or its id is never given out again</td>
 *     <td>{@code forced-destroy}, {@code id-reuse}</td><td>ForcedDestroyTest, IdReuseTest</td></tr>
 * <tr><td>3. An id names the object for which user space got it until user space destroys that</td>
 *     <td>{@code id-reuse}</td><td>IdReuseTest</td></tr>
 * <tr><td>4. IOMMU_DESTROY answers EBUSY only if something visible uses the object</td>
 *     <td>{@code spurious-busy}</td><td>SpuriousBusyTest</td></tr>
 * <tr><td>5. Nobody uses what was freed</td>
 *     <td>{@code use-after-free}, {@code freed-page}, {@code freed-pinned-page}</td>
 *     <td>RaceTest, InterleavingTest, EventqRaceTest, PhysicalMemoryTest</td></tr>
 * <tr><td>6. Every count is explained by a holder, and a closed context is released</td>
 *     <td>{@code references}, {@code leak}</td><td>ReferencesTest, LeakTest, TeardownTest</td></tr>
 * <tr><td>7. A virtual id leads to a live vDEVICE that its driver has initialised, of a device that is bound here</td>
 *     <td>{@code half-made}, {@code wrong-context}, {@code use-after-free}</td><td>HalfMadeTest, WrongContextTest</td></tr>
 * <tr><td>8. A device has one vDEVICE, and a virtual id one device</td>
 *     <td>{@code one-vdevice}; the table of virtual ids by itself</td><td>OneVdeviceTest</td></tr>
 * <tr><td>9. Nobody sleeps on user memory with a lock that unbind needs</td>
 *     <td>{@code unbind-lock-sleep}, {@code sleep-in-atomic}, {@code lock-order}, {@code lock-held-at-exit}</td>
 *     <td>UnbindLockSleepTest, SleepInAtomicTest, LockOrderTest, LockHeldAtExitTest</td></tr>
 * <tr><td>10. A claim on a group's DMA is given back once</td><td>{@code dma-owner}, {@code WARN}</td>
 *     <td>DmaOwnerOnceTest</td></tr>
 * <tr><td>11. A guest reaches only devices that are bound to its context now</td><td>{@code wrong-context}</td>
 *     <td>WrongContextTest</td></tr>
 * <tr><td>12. An event names the virtual id that its device has now</td><td>{@code event-vsid}</td>
 *     <td>EventVsidTest</td></tr>
 * <tr><td>13. A call that fails leaves nothing behind</td><td>{@code not-restored}, {@code references}</td>
 *     <td>UnwindTest, ReferencesTest</td></tr>
 * <tr><td>14. User space alone reaches no warning of the kernel</td><td>{@code WARN}</td>
 *     <td>InterleavingTest, RandomOrdersTest</td></tr>
 * </table>
 *
 * <p>Beyond these: {@code completed-before-invalidated}, {@code fault-response}, {@code stale-translation} and {@code
 * torn-read} watch what user space and devices are told; {@code hardware-state-order} watches that a VM's own way to a device
 * is closed before the kernel takes the device back.
 */
@NullMarked
package org.iommusim.iommufd.check;

import org.jspecify.annotations.NullMarked;
