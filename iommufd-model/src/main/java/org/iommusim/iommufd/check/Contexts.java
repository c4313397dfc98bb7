package org.iommusim.iommufd.check;

import java.util.List;
import org.iommusim.iommufd.object.IommufdCtx;

/** The contexts of a machine and who outside of them holds their files. */
public interface Contexts {
    /** All contexts that were opened, released ones too, in the order of their opening. */
    List<IommufdCtx> opened();

    /** How many descriptors, and files of devices that are bound to it, hold a context. */
    int holders(IommufdCtx ctx);
}
