package org.iommusim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.iommusim.hw.provider.IommuProvider;
import org.junit.jupiter.api.Test;

/** Every vendor whose architecture somebody builds runs every class of the contract suite: nobody may leave one out. */
class ContractSuiteTest {
    private static final Path ROOT = RepositoryTidyTest.root();
    private static final Path SUITE = Path.of("hw-common/src/test/java/org/iommusim/hw/contract");
    /** Only for ways of translating that have no page requests; an architecture need not have any such. */
    private static final String WITHOUT_PAGE_REQUESTS = "NoPageRequestsContract";

    private static List<Path> javaFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve(directory))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    private static List<String> contracts() throws IOException {
        return javaFiles(SUITE).stream()
                .filter(file -> read(file).contains("public abstract class " + name(file) + " extends"))
                .map(ContractSuiteTest::name)
                .filter(name -> name.endsWith("Contract") && !name.equals(WITHOUT_PAGE_REQUESTS))
                .sorted()
                .toList();
    }

    @Test
    void shouldRunOnEveryVendor() throws IOException {
        List<String> contracts = contracts();
        assertThat(contracts).contains("DeviceContract", "CacheContract", "FaultContract", "AttachContract");
        List<String> vendors = IommuProvider.all().stream()
                .filter(IommuProvider::architected)
                .map(IommuProvider::kind)
                .toList();
        assertThat(vendors).contains("amdvi", "smmuv3", "vtd");
        for (String vendor : vendors) {
            List<String> sources = javaFiles(Path.of("hw-" + vendor, "src", "test")).stream()
                    .map(ContractSuiteTest::read)
                    .toList();
            assertThat(contracts)
                    .as("contracts that %s runs", vendor)
                    .allMatch(name -> sources.stream().anyMatch(text -> text.contains(" extends " + name + " {")));
        }
    }
}
