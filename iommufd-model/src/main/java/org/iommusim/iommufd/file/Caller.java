package org.iommusim.iommufd.file;

import org.iommusim.iommufd.mm.Process;

/**
 * Who makes a system call ({@code current}).
 *
 * @param process its memory, credentials and limits
 * @param files its descriptors
 * @param userFaultPs how long a copy to its memory sleeps for a page that is not there, ps; 0: all pages are there
 */
public record Caller(Process process, FileTable files, long userFaultPs) {
    /** One whose pages are there. */
    public Caller(Process process, FileTable files) {
        this(process, files, 0);
    }

    /** The same with a page that is not there. */
    public Caller withUserFault(long ps) {
        return new Caller(process, files, ps);
    }
}
