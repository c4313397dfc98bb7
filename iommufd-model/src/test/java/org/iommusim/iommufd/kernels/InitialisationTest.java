package org.iommusim.iommufd.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.sim.program.Program;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linux 7.3 lost its pre_destroy when something touched the class of that program before the kernels. */
class InitialisationTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.iommusim.iommufd.device.RemoveVdev",
                "org.iommusim.iommufd.device.Unbind",
                "org.iommusim.iommufd.device.IdevPrograms",
                "org.iommusim.iommufd.device.VdevicePrograms",
                "org.iommusim.iommufd.ioctl.VdeviceAllocPrograms"
            })
    void shouldHaveTheSameProgramsWhateverIsInitialisedFirst(String first)
            throws IOException, ReflectiveOperationException {
        URL[] classes = {location(Kernels.class), location(Errno.class), location(Program.class)};
        try (URLClassLoader fresh = new URLClassLoader(classes, ClassLoader.getPlatformClassLoader())) {
            Class.forName(first, true, fresh);
            List<?> kernels = (List<?>) Class.forName(Kernels.class.getName(), true, fresh)
                    .getMethod("all")
                    .invoke(null);
            List<String> paths = new ArrayList<>();
            for (Object kernel : kernels) {
                paths.add(kernel.getClass().getMethod("paths").invoke(kernel).toString());
            }
            assertThat(paths)
                    .isEqualTo(Kernels.all().stream()
                            .map(LifecyclePolicy::paths)
                            .map(List::toString)
                            .toList());
        }
    }

    private static URL location(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }
}
