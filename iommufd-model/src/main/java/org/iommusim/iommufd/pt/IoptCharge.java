package org.iommusim.iommufd.pt;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.AccountMode;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.iommufd.mm.PinPayer;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Variable;

/** Who pays for what address spaces have pinned, when another process takes them over ({@code iommufd_ioas_change_process}). */
public final class IoptCharge {
    /** What {@link #change} touches. */
    public static final Footprint CHANGE =
            IoPagetable.LOOK.and(PinPayer.PIN.variables().toArray(Variable[]::new));

    private IoptCharge() {}

    /**
     * Makes a process pay for all maps. Every {@code iova_rwsem} is held. Pages that several areas share count once. Errors:
     * EINVAL (a map that is not of a file), ENOMEM (more than the process may lock); then nothing changed.
     */
    public static int change(List<IoPagetable> tables, Process process) {
        Set<IoptPages> all = new LinkedHashSet<>();
        for (IoPagetable iopt : tables) {
            for (IoptArea area = iopt.areas().first(0, -1L);
                    area != null;
                    area = iopt.areas().next(area, 0, -1L)) {
                IoptPages pages = area.pages();
                if (pages != null && pages.source().kind() != PageSource.Kind.FILE) {
                    return Errno.EINVAL;
                }
                if (pages != null) {
                    all.add(pages);
                }
            }
        }
        PinPayer payer = process.payer();
        int error = charge(all, payer);
        if (error == 0) {
            all.forEach(pages -> pages.payer(payer));
        }
        return error;
    }

    private static int charge(Set<IoptPages> all, PinPayer payer) {
        int error = payer.account(AccountMode.USER, sum(all, payer, AccountMode.USER));
        if (error != 0) {
            return error;
        }
        error = payer.account(AccountMode.MM, sum(all, payer, AccountMode.MM));
        if (error != 0) {
            payer.account(AccountMode.USER, -sum(all, payer, AccountMode.USER));
        }
        return error;
    }

    private static long sum(Set<IoptPages> all, PinPayer payer, AccountMode mode) {
        return all.stream()
                .filter(pages -> pages.accountMode() == mode && pages.paysElsewhere(payer))
                .mapToLong(IoptPages::accounted)
                .sum();
    }
}
