package org.iommusim.scenario.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.scenario.language.Scenario;

/** {@code requests.csv}: one row for each DMA request, in the order of the answers; written while the run goes on. */
final class RequestsCsv implements RunListener {
    private static final Station[] STATIONS = Station.values();

    private final Writer out;
    private final Map<String, String> devices = new TreeMap<>();
    private final StringBuilder row = new StringBuilder();

    RequestsCsv(Writer out, Scenario scenario) {
        this.out = out;
        scenario.topology().traffic().forEach(t -> devices.put(t.spec().name(), t.device()));
        scenario.topology().replays().forEach(r -> devices.put(r.id(), r.device()));
        row.append(
                "id,device,stream_id,pasid,iova,op,length,attempt_ps,issue_ps,received_ps,translated_ps,response_ps,outcome,pa");
        for (Station station : STATIONS) {
            row.append(',').append(station.label()).append("_ps");
        }
        flush();
    }

    @Override
    public void dmaAnswered(String traffic, DmaRequest request) {
        row.append(request.id()).append(',').append(devices.get(traffic));
        row.append(",0x").append(Integer.toHexString(request.requesterId())).append(',');
        if (request.pasid() != DmaRequest.NO_PASID) {
            row.append(request.pasid());
        }
        row.append(",0x").append(Long.toHexString(request.iova()));
        row.append(request.write() ? ",write," : ",read,").append(request.bytes());
        row.append(',')
                .append(request.attemptedAt())
                .append(',')
                .append(request.issuedAt())
                .append(',')
                .append(request.issuedAt() + request.ticks(Station.LINK_UP) + request.ticks(Station.FRONT_END))
                .append(',');
        if (request.translatedAt() >= 0) {
            row.append(request.translatedAt());
        }
        row.append(',')
                .append(request.answeredAt())
                .append(',')
                .append(request.outcome().name())
                .append(',');
        if (request.physicalAddress() != -1) {
            row.append("0x").append(Long.toHexString(request.physicalAddress()));
        }
        for (Station station : STATIONS) {
            row.append(',').append(request.ticks(station));
        }
        flush();
    }

    private void flush() {
        try {
            out.append(row).append('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("requests.csv", e);
        }
        row.setLength(0);
    }
}
