package org.iommusim.scenario;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.sim.program.Program;

/** Every program that a kernel or a constant of a class has, for tests that hold for all of them. */
final class AllPrograms {
    private AllPrograms() {}

    /** The programs, by name. */
    static List<Program<?>> of() {
        List<Program<?>> programs = new ArrayList<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ArchitectureTest.MainClasses())
                .importPackages("org.iommusim")) {
            type.getFields().stream()
                    .filter(field -> field.getModifiers().contains(JavaModifier.STATIC)
                            && field.getRawType().isEquivalentTo(Program.class))
                    .flatMap(AllPrograms::value)
                    .forEach(programs::add);
        }
        Kernels.all().stream()
                .flatMap(kernel -> kernel.programsOnPaths().stream())
                .distinct()
                .filter(program -> !programs.contains(program))
                .toList()
                .forEach(programs::add);
        programs.sort(Comparator.comparing(Program::name));
        return programs;
    }

    private static Stream<Program<?>> value(JavaField constant) {
        try {
            Field field = constant.reflect();
            field.setAccessible(true);
            return Stream.of((Program<?>) field.get(null));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(constant.getFullName(), e);
        }
    }
}
