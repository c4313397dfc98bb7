package org.iommusim.iommufd.file;

import org.iommusim.iommufd.mm.Process;

/**
 * Who makes a system call ({@code current}).
 *
 * @param process its memory, credentials and limits
 * @param files its descriptors
 */
public record Caller(Process process, FileTable files) {}
