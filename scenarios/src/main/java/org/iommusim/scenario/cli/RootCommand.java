package org.iommusim.scenario.cli;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code iommusim} without a command. */
@Command(
        name = "iommusim",
        description = "Simulates IOMMUs (Arm SMMUv3, AMD-Vi, Intel VT-d) and Linux's iommufd, deterministically.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = RootCommand.Version.class,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all is well",
            "1:an expectation failed, or a check reported a violation",
            "2:the input or the command line is wrong; one line says where",
            "3:an exploration found a violation",
            "70:an error in the simulator itself"
        },
        footer = {"", "SCENARIO is a file, or a name that 'iommusim list scenarios' prints."})
final class RootCommand implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    private boolean version;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        CommandSpec known = Objects.requireNonNull(spec);
        throw new CommandLine.ParameterException(known.commandLine(), "found no command");
    }

    /** The jar's version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {line()};
        }

        static String line() {
            return "iommusim "
                    + Optional.ofNullable(RootCommand.class.getPackage().getImplementationVersion())
                            .orElse("unpacked");
        }
    }
}
