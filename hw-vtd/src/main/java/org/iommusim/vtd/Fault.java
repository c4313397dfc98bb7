package org.iommusim.vtd;

/**
 * What a fault recording register holds.
 *
 * @param reason {@link org.iommusim.vtd.spec.FaultReason}
 * @param sid source id of the request
 * @param pasid its PASID, or -1
 * @param address what it asked for; for an interrupt, its index in bits 63:48
 * @param type {@link org.iommusim.vtd.spec.Frcd#TYPE_WRITE} and the like
 * @param execute it wanted to execute
 * @param privileged it was privileged
 * @param at its address type, {@link org.iommusim.vtd.spec.Frcd#AT_UNTRANSLATED} and the like
 */
record Fault(int reason, int sid, int pasid, long address, int type, boolean execute, boolean privileged, int at) {}
