package org.iommusim.scenario.report;

import java.util.List;
import java.util.SortedMap;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.actor.Verb;

/** Tells several listeners, in their order. */
final class RunListeners implements RunListener {
    private final List<RunListener> listeners;

    RunListeners(List<RunListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    @Override
    public void stepStarted(long timePs, String actor, int index, Verb verb, String text) {
        listeners.forEach(l -> l.stepStarted(timePs, actor, index, verb, text));
    }

    @Override
    public void stepEnded(
            long timePs,
            String actor,
            int index,
            ScriptStep step,
            int errno,
            SortedMap<String, Long> outputs,
            boolean asExpected) {
        listeners.forEach(l -> l.stepEnded(timePs, actor, index, step, errno, outputs, asExpected));
    }

    @Override
    public void objectChanged(long timePs, String context, String type, int id, String change, String detail) {
        listeners.forEach(l -> l.objectChanged(timePs, context, type, id, change, detail));
    }

    @Override
    public void deviceChanged(long timePs, String device, String change) {
        listeners.forEach(l -> l.deviceChanged(timePs, device, change));
    }

    @Override
    public void eventReported(long timePs, String iommu, String text) {
        listeners.forEach(l -> l.eventReported(timePs, iommu, text));
    }

    @Override
    public void dmaAnswered(String traffic, DmaRequest request) {
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).dmaAnswered(traffic, request);
        }
    }
}
