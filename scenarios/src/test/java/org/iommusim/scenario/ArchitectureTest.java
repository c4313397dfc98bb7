package org.iommusim.scenario;

import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.stream.Stream;

/** Holds the arrows between the modules, and keeps out of the models whatever a machine or a JVM may answer differently. */
@AnalyzeClasses(packages = "org.iommusim", importOptions = ArchitectureTest.MainClasses.class)
class ArchitectureTest {
    /** The classes of this module and the jars of the others, without the tests that some modules share. */
    static final class MainClasses implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/") && !location.contains("-tests.jar");
        }
    }

    private static final String[] MODELS = {"sim", "hw", "smmuv3", "amdvi", "vtd", "iommufd"};

    // ---- arrows ----

    @ArchTest
    static final ArchRule SIM_KNOWS_NOBODY = knowsOnly("sim");

    @ArchTest
    static final ArchRule HW_KNOWS_SIM = knowsOnly("hw", "sim");

    @ArchTest
    static final ArchRule SMMUV3_KNOWS_HW = knowsOnly("smmuv3", "hw", "sim");

    @ArchTest
    static final ArchRule AMDVI_KNOWS_HW = knowsOnly("amdvi", "hw", "sim");

    @ArchTest
    static final ArchRule VTD_KNOWS_HW = knowsOnly("vtd", "hw", "sim");

    @ArchTest
    static final ArchRule IOMMUFD_KNOWS_NO_VENDOR = knowsOnly("iommufd", "hw", "sim");

    @ArchTest
    static final ArchRule SCENARIO_MEETS_VENDORS_AT_RUN_TIME_ONLY = knowsOnly("scenario", "iommufd", "hw", "sim");

    @ArchTest
    static final ArchRule PACKAGES_OF_A_MODULE_HAVE_NO_CYCLES =
            slices().matching("org.iommusim.(*).(*)..").should().beFreeOfCycles();

    // ---- determinism ----

    @ArchTest
    static final ArchRule NO_CLOCK_CHANCE_OR_IDENTITY_IN_A_MODEL = noClasses()
            .that()
            .resideInAnyPackage(packages(MODELS))
            .should(callMethodWhere(are(oneOf(
                    "java.lang.System.currentTimeMillis",
                    "java.lang.System.nanoTime",
                    "java.lang.System.identityHashCode",
                    "java.lang.System.getenv",
                    "java.lang.Math.random",
                    "java.util.UUID.randomUUID",
                    "java.time.Instant.now",
                    "java.time.LocalDate.now",
                    "java.time.LocalDateTime.now",
                    "java.time.ZonedDateTime.now"))))
            .because("the same scenario and seed give the same bytes on every machine");

    /** {@code Set.of} and {@code Map.of} too: by design, their iteration order differs from one JVM run to the next. */
    @ArchTest
    static final ArchRule NO_UNORDERED_COLLECTION_IN_A_MODEL = noClasses()
            .that()
            .resideInAnyPackage(packages(MODELS))
            .and()
            // Numbers objects by identity as it meets them: it looks up and never iterates.
            .doNotHaveFullyQualifiedName("org.iommusim.sim.world.PlainState$Copier")
            .should(callMethodWhere(are(oneOf(
                    "java.util.Set.of",
                    "java.util.Set.copyOf",
                    "java.util.Map.of",
                    "java.util.Map.ofEntries",
                    "java.util.Map.copyOf",
                    "java.util.stream.Collectors.toSet",
                    "java.util.stream.Collectors.toUnmodifiableSet",
                    "java.util.stream.Collectors.toUnmodifiableMap"))))
            .orShould()
            .dependOnClassesThat(namedAnyOf(
                    "java.util.HashMap",
                    "java.util.HashSet",
                    "java.util.Hashtable",
                    "java.util.IdentityHashMap",
                    "java.util.WeakHashMap",
                    "java.util.concurrent.ConcurrentHashMap"))
            .because(
                    "an iteration over them may reach a result; take a List.of, a LinkedHashMap, a TreeMap or an EnumMap");

    @ArchTest
    static final ArchRule NO_RANDOM_BUT_OUR_OWN = noClasses()
            .should()
            .dependOnClassesThat(namedAnyOf(
                    "java.util.Random",
                    "java.util.SplittableRandom",
                    "java.security.SecureRandom",
                    "java.util.concurrent.ThreadLocalRandom"))
            .because("every random stream is a named split of the scenario's seed");

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_PRINTS = noClasses()
            .that()
            .resideOutsideOfPackage("org.iommusim.scenario.cli..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .because("standard output carries results and nothing else");

    private static ArchRule knowsOnly(String module, String... others) {
        String[] known = Stream.concat(Stream.of(module), Stream.of(others)).toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage("org.iommusim." + module + "..")
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.or(
                        JavaClass.Predicates.resideInAnyPackage(packages(known)),
                        JavaClass.Predicates.resideOutsideOfPackage("org.iommusim..")));
    }

    private static String[] packages(String... modules) {
        return Stream.of(modules).map(m -> "org.iommusim." + m + "..").toArray(String[]::new);
    }

    private static DescribedPredicate<JavaCall<?>> oneOf(String... methods) {
        Set<String> names = Set.of(methods);
        return DescribedPredicate.describe(
                "one of " + String.join(", ", methods),
                call -> names.contains(
                        call.getTargetOwner().getName() + "." + call.getTarget().getName()));
    }

    private static DescribedPredicate<JavaClass> namedAnyOf(String... classes) {
        Set<String> names = Set.of(classes);
        return DescribedPredicate.describe(
                "are one of " + String.join(", ", classes), type -> names.contains(type.getName()));
    }
}
