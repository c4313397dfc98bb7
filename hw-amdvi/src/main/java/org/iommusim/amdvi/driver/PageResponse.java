package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;

/**
 * {@code amd_iommu_page_response}: answers the group of a page request. The code is the core's number, so that a failure is sent
 * as 2, which means a failure to every device. Nobody waits for it.
 */
final class PageResponse {
    private PageResponse() {}

    static Call<?> call(AmdIommu iommu, int deviceId, IommuFault fault, int code) {
        return IssueCommands.call(IssueCommands.COMPLETE_PPR, iommu, () -> commands(deviceId, fault, code));
    }

    private static EntryList commands(int deviceId, IommuFault fault, int code) {
        if ((fault.flags() & IommuFault.LAST_PAGE) == 0) {
            return new EntryList();
        }
        boolean process = (fault.flags() & IommuFault.PASID_VALID) != 0;
        long w1 = Cmd.completePprRequest1(fault.grpid(), code) | (process ? Cmd.GN.mask() : 0);
        return EntryList.of(Cmd.completePprRequest0(deviceId, process ? fault.pasid() : 0), w1);
    }
}
