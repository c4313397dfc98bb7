package org.iommusim.iommufd.mm;

/** Against which limit pinned pages count ({@code account_mode} of {@code struct iopt_pages}). */
public enum AccountMode {
    /** None: who mapped them may lock memory without a limit (CAP_IPC_LOCK). */
    NONE,
    /** {@code RLIMIT_MEMLOCK} over {@code user->locked_vm}: all processes of the user together. */
    USER,
    /** {@code RLIMIT_MEMLOCK} over {@code mm->locked_vm}: the process alone. */
    MM
}
