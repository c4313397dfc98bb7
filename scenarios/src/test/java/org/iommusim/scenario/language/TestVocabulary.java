package org.iommusim.scenario.language;

import static org.iommusim.iommufd.actor.Field.optional;
import static org.iommusim.iommufd.actor.Field.required;

import java.util.List;
import java.util.Map;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.Field;
import org.iommusim.iommufd.actor.FieldKind;
import org.iommusim.iommufd.actor.Verb;

/** A few words that do not change when the models do. */
public final class TestVocabulary {
    private TestVocabulary() {}

    /** The words. */
    public static Vocabulary vocabulary() {
        return new Vocabulary(
                List.of(
                        verb(
                                ActorKind.VMM,
                                "open",
                                required("device", FieldKind.DEVICE, "Which."),
                                required("as", FieldKind.NEW_NAME, "Name.")),
                        verb(
                                ActorKind.VMM,
                                "map",
                                required("fd", FieldKind.REFERENCE, "File."),
                                optional("iova", FieldKind.SIZE, "Where."),
                                optional("bytes", FieldKind.SIZE, "How much."),
                                optional("huge", FieldKind.FLAG, "Huge pages."),
                                optional("mode", FieldKind.TEXT, "How.").oneOf("read", "write"),
                                optional("flags", FieldKind.WORDS, "More.").oneOf("a", "b")),
                        verb(ActorKind.VMM, "sleep", required("time", FieldKind.DURATION, "How long.")),
                        verb(ActorKind.GUEST, "start", required("traffic", FieldKind.TRAFFIC, "Which.")),
                        verb(ActorKind.HOST, "plug", required("device", FieldKind.DEVICE, "Which."))),
                List.of(
                        new Vocabulary.KernelWord("linux-7.3", List.of("D1", "D2")),
                        new Vocabulary.KernelWord("linux-6.13", List.of())),
                List.of(new Provider()),
                List.of("use-after-free", "deadlock", "WARN"),
                List.of("vdevice-alloc-no-lock", "unbind-no-wait"));
    }

    private static Verb verb(ActorKind actor, String name, Field... fields) {
        return new Verb(actor, name, "Test.", List.of(fields), step -> {
            throw new IllegalStateException("never run");
        });
    }

    private record Provider() implements IommuProvider {
        @Override
        public String kind() {
            return "smmuv3";
        }

        @Override
        public String title() {
            return "Test";
        }

        @Override
        public List<Preset> presets() {
            return List.of(Preset.of("mmu-600", "Test.", Map.of("tlb_entries", 128L)));
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(
                    new Parameter("tlb_entries", "entries", 64, 1, 4096, "Size.", "test"),
                    new Parameter("clock", "ps", 1000, 1, 1_000_000, "Cycle.", "test"),
                    new Parameter("ordered", "flag", 0, 0, 1, "Order.", "test"));
        }

        @Override
        public IommuUnit create(IommuConfig config, IommuHost host) {
            throw new IommuConfigException("kind", "found smmuv3", "expected a test that makes no device");
        }
    }
}
