package org.iommusim.hw.contract;

import java.util.Map;
import org.iommusim.hw.driver.DriverBed;

/** A vendor's driver on its real device: how a machine for it is made. */
public interface DriverVendor {
    /** A fresh machine that can do ATS and nesting; nothing has run on it yet. */
    DriverBed<?> bed();

    /** How many ids that tag cached translations the driver has given out. */
    int idsInUse(DriverBed<?> bed);

    /** What this driver does otherwise, with the reason. */
    Map<Difference, String> differences();
}
