package org.iommusim.iommufd.selftest;

import java.util.function.ToIntFunction;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/**
 * What the driver of a mock device does with its attachments: IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, IOMMU_TEST_OP_PASID_ATTACH,
 * IOMMU_TEST_OP_PASID_REPLACE, IOMMU_TEST_OP_PASID_DETACH. Errors in this order: ENOENT (stdev), those of attaching, EFAULT.
 */
final class TestAttach extends SelftestFrame {
    private static final Program<TestAttach> REPLACE =
            replace("iommufd_test_mock_domain_replace", f -> DeviceAttach.NO_PASID);
    private static final Program<TestAttach> PASID_REPLACE = replace("iommufd_test_pasid_replace", TestAttach::pasid);
    private static final Program<TestAttach> PASID_ATTACH = pasidAttach();
    private static final Program<TestAttach> PASID_DETACH = pasidDetach();

    private final RefCell<SelftestObject> sobj = ref();
    private final RefCell<DeviceAttach> attach = ref();

    private TestAttach(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestAttach> replace(String name, ToIntFunction<TestAttach> pasid) {
        Program.Builder<TestAttach> b = Program.named(name);
        getStdev(b, f -> f.sobj);
        b.invoke(
                "iommufd_device_replace",
                f -> f.remember(DeviceAttach.replace(f.idev(), pasid.applyAsInt(f), f.ucmd.id("pt_id"))));
        return respond(b, name).build();
    }

    private static Program<TestAttach> pasidAttach() {
        Program.Builder<TestAttach> b = Program.named("iommufd_test_pasid_attach");
        getStdev(b, f -> f.sobj);
        b.invoke(
                "iommufd_device_attach", f -> f.remember(DeviceAttach.attach(f.idev(), f.pasid(), f.ucmd.id("pt_id"))));
        b.take(
                "attached",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> 0,
                Undo.onFailureCall("iommufd_device_detach", f -> DeviceAttach.detach(f.idev(), f.pasid())));
        return respond(b, "iommufd_test_pasid_attach").build();
    }

    private static Program<TestAttach> pasidDetach() {
        Program.Builder<TestAttach> b = Program.named("iommufd_test_pasid_detach");
        getStdev(b, f -> f.sobj);
        return b.invoke("iommufd_device_detach", f -> DeviceAttach.detach(f.idev(), f.pasid()))
                .build();
    }

    /** Moves the device itself. */
    static Call<?> replaceDevice(Ucmd ucmd) {
        return new Call<>(REPLACE, new TestAttach(ucmd));
    }

    static Call<?> attachPasid(Ucmd ucmd) {
        return new Call<>(PASID_ATTACH, new TestAttach(ucmd));
    }

    static Call<?> replacePasid(Ucmd ucmd) {
        return new Call<>(PASID_REPLACE, new TestAttach(ucmd));
    }

    /** Nothing happens if it is not attached. */
    static Call<?> detachPasid(Ucmd ucmd) {
        return new Call<>(PASID_DETACH, new TestAttach(ucmd));
    }

    private Idev idev() {
        return sobj.require().idev().require();
    }

    private int pasid() {
        return ucmd.u32("pasid");
    }

    private Call<?> remember(Call<DeviceAttach> call) {
        attach.set(call.frame());
        return call;
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("pt_id", attach.require().ptId());
    }
}
