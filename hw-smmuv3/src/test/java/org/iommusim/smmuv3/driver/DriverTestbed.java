package org.iommusim.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.DriverBed;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.program.Call;
import org.iommusim.smmuv3.Smmuv3Provider;
import org.iommusim.smmuv3.spec.IdRegs;

/** A machine with one SMMU and its driver. */
final class DriverTestbed extends DriverBed<Smmuv3Driver> {
    private DriverTestbed(Function<IommuHost, IommuDevice> maker) {
        super(List.of(), maker, Smmuv3Driver::new);
    }

    /** With a device that only records commands. */
    static DriverTestbed fake(IdRegs ids) {
        return new DriverTestbed(host -> new FakeSmmu(host, ids));
    }

    /** With the real device. */
    static DriverTestbed real(Map<String, Long> parameters) {
        return new DriverTestbed(host ->
                new Smmuv3Provider().createDevice(new IommuConfig("smmu0", "", new TreeMap<>(parameters)), host));
    }

    /** The driver's inside. */
    ArmSmmu smmu() {
        return driver.smmu();
    }

    FakeSmmu fake() {
        return (FakeSmmu) device;
    }

    Smmuv3PagingDomain paging(int flags) {
        return (Smmuv3PagingDomain) pagingDomain(flags);
    }

    Smmuv3PagingDomain parent() {
        return paging(IommuDriver.ALLOC_NEST_PARENT);
    }

    /** A DMA of 8 bytes by a master, without a PASID, to its end. */
    DmaRequest dma(IommuMaster master, long iova, boolean write) {
        return dma(master, DmaRequest.NO_PASID, iova, write);
    }

    /** A vDEVICE table of a test, with the events that were reported. */
    final class Core extends DriverBed<Smmuv3Driver>.Core {
        final List<long[]> events = new ArrayList<>();

        @Override
        public Call<?> reportEvent(int type, byte[] payload) {
            assertThat(type).isEqualTo(1);
            events.add(new long[] {
                UserData.word(payload, 0),
                UserData.word(payload, 8),
                UserData.word(payload, 16),
                UserData.word(payload, 24)
            });
            return super.reportEvent(type, payload);
        }
    }
}
