package org.iommusim.iommufd.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.iommusim.iommufd.check.Contexts;
import org.iommusim.iommufd.check.KernelCheckers;
import org.iommusim.iommufd.check.KernelLocks;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.Test;

class CheckerListTest {
    private static final Contexts NONE = new Contexts() {
        @Override
        public List<IommufdCtx> opened() {
            return List.of();
        }

        @Override
        public int holders(IommufdCtx ctx) {
            return 0;
        }
    };

    @Test
    void shouldListEveryCheckerOfAKernelOnce() {
        List<CheckerInfo> listed = Stream.concat(CheckerList.builtIn().stream(), CheckerList.attached().stream())
                .toList();
        assertThat(listed).extracting(CheckerInfo::name).doesNotHaveDuplicates();
        assertThat(CheckerList.attached())
                .containsAll(KernelCheckers.of(new Rig().kernel, NONE, KernelLocks.with(List.of())).stream()
                        .map(checker -> checker.info())
                        .toList());
    }

    @Test
    void shouldKeepWhatCheckersRememberUnderNamesOfTheirOwn() {
        assertThat(KernelCheckers.of(new Rig().kernel, NONE, KernelLocks.with(List.of())))
                .allSatisfy(checker -> assertThat(checker.reads())
                        .allMatch(Variable::hashed)
                        .allMatch(variable -> variable.name().startsWith("check.")));
    }
}
