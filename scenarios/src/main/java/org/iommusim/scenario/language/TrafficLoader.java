package org.iommusim.scenario.language;

import java.util.Locale;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pcie.AddressMode;
import org.iommusim.hw.pcie.TrafficPattern;
import org.iommusim.hw.pcie.TrafficSpec;

/** Reads one traffic, which is a closed loop or an open one. */
final class TrafficLoader {
    private static final int BYTES = 64;
    private static final int DEVICE_OUTSTANDING = 32;

    private TrafficLoader() {}

    /** Reads it; {@code ats} says whether the device can translate addresses itself. */
    static Topology.Traffic load(String id, String device, boolean ats, Fields fields) {
        ReplayLoader.none(fields);
        if (!fields.has("window")) {
            throw fields.place().wrong("found no \"window\"", "expected one in every traffic");
        }
        boolean closed = fields.has("outstanding");
        if (closed == fields.has("interval")) {
            throw fields.place()
                    .wrong(
                            closed ? "found both \"outstanding\" and \"interval\"" : "found no loop",
                            "expected \"outstanding\" (closed loop) or \"interval\" (open loop)");
        }
        for (String open : new String[] {"poisson", "device_outstanding"}) {
            if (closed && fields.has(open)) {
                throw fields.at(open).wrong("found \"" + open + "\" in a closed loop", "expected it with \"interval\"");
            }
        }
        long window = fields.number("window", 0);
        int bytes = fields.count("bytes", BYTES);
        if (window < bytes) {
            throw fields.at("window").wrong("expected room for one access of " + bytes + " bytes");
        }
        TrafficPattern pattern =
                TrafficPattern.valueOf(fields.text("pattern", "sequential").toUpperCase(Locale.ROOT));
        if ((pattern == TrafficPattern.STRIDED) != fields.has("stride")) {
            throw fields.at("stride")
                    .wrong(
                            fields.has("stride") ? "found \"stride\"" : "found no \"stride\"",
                            "expected it with the pattern \"strided\" and only there");
        }
        long base = fields.number("window_base", 0);
        if (Long.compareUnsigned(base + window - 1, base) < 0) {
            throw fields.at("window_base").wrong("expected a window that ends below 2^64");
        }
        return new Topology.Traffic(
                device,
                new TrafficSpec(
                        id,
                        base,
                        window,
                        bytes,
                        pattern,
                        fields.number("stride", 0),
                        fields.count("write_percent", 0),
                        fields.number("count", 0),
                        fields.count("outstanding", 0),
                        fields.number("interval", 0),
                        fields.flag("poisson", false),
                        closed ? 0 : fields.count("device_outstanding", DEVICE_OUTSTANDING),
                        fields.count("pasid", DmaRequest.NO_PASID),
                        addresses(device, ats, fields)));
    }

    private static AddressMode addresses(String device, boolean ats, Fields fields) {
        AddressMode mode =
                AddressMode.valueOf(fields.text("addresses", "untranslated").toUpperCase(Locale.ROOT));
        if (mode != AddressMode.UNTRANSLATED && !ats) {
            throw fields.at("addresses")
                    .wrong(
                            "found \"" + fields.text("addresses", "") + "\"",
                            "expected \"untranslated\": the device \"" + device + "\" has no \"ats\"");
        }
        return mode;
    }
}
