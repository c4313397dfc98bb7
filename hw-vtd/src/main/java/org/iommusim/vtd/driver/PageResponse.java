package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.IommuFault;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.vtd.spec.Inv;

/**
 * {@code intel_iommu_page_response}: answers the group of a page request. The code is the core's number, so that a failure is
 * sent as 2, which means a failure to every device.
 */
final class PageResponse extends Frame {
    static final Program<PageResponse> PROGRAM = Program.<PageResponse>named("intel_iommu_page_response")
            .when(
                    "last of its group",
                    f -> (f.fault.flags() & IommuFault.LAST_PAGE) != 0,
                    p -> p.invokeIgnoringError(
                            "qi_submit_sync(page group response)",
                            f -> f.iommu.qi().submit(f.word0(), Inv.pageGroupResponse1(f.fault.grpid(), true))))
            .build();

    private final IntelIommu iommu;
    private final int sid;
    private final IommuFault fault;
    private final int code;

    private PageResponse(IntelIommu iommu, int sid, IommuFault fault, int code) {
        super(iommu.world());
        this.iommu = iommu;
        this.sid = sid;
        this.fault = fault;
        this.code = code;
    }

    static Call<?> call(IntelIommu iommu, int sid, IommuFault fault, int code) {
        return new Call<>(PROGRAM, new PageResponse(iommu, sid, fault, code));
    }

    private long word0() {
        boolean process = (fault.flags() & IommuFault.PASID_VALID) != 0;
        return Inv.pageGroupResponse0(sid, process ? fault.pasid() : -1, code);
    }
}
