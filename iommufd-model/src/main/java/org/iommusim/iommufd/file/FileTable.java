package org.iommusim.iommufd.file;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** The descriptors of a process ({@code struct files_struct}). A descriptor holds a reference on its file. */
public final class FileTable {
    /** The variable of all descriptors. */
    public static final Variable FILES = Variable.named("process.files");

    private static final int FIRST_CAPACITY = 64;
    /** {@code RLIMIT_NOFILE}. */
    private static final int MOST = 1024;

    private final Kernel kernel;
    private final RefArrayCell<Identified> files;

    /** Makes a table in which 0, 1 and 2 are taken, by nothing that matters here. */
    public FileTable(Kernel kernel) {
        this.kernel = kernel;
        files = new RefArrayCell<>(kernel.world(), FILES, kernel.world().nextInstance(), FIRST_CAPACITY);
        for (int fd = 0; fd < 3; fd++) {
            files.set(fd, Reserved.ENTRY);
        }
    }

    /** The kernel. */
    public Kernel kernel() {
        return kernel;
    }

    /** A descriptor that no file has yet. */
    private enum Reserved implements Identified {
        ENTRY;

        @Override
        public long stableId() {
            return -1;
        }
    }

    /** {@code get_unused_fd_flags}: reserves the lowest free descriptor; -1 (EMFILE) if there is none. */
    public int reserve() {
        for (int fd = 0; fd < MOST; fd++) {
            if (fd == files.length()) {
                files.grow(2 * fd);
            }
            if (files.get(fd) == null) {
                files.set(fd, Reserved.ENTRY);
                return fd;
            }
        }
        return -1;
    }

    /** {@code put_unused_fd}: gives a reserved descriptor back. */
    public void unreserve(int fd) {
        files.set(fd, null);
    }

    /** {@code fd_install}: the descriptor takes over the opener's reference. */
    public void install(int fd, KernelFile file) {
        files.set(fd, file);
    }

    /** Reserves a descriptor and installs a file; -1 (EMFILE) if there is none. */
    public int open(KernelFile file) {
        int fd = reserve();
        if (fd >= 0) {
            install(fd, file);
        }
        return fd;
    }

    /** The open file, or {@code null}; takes no reference. */
    public @Nullable KernelFile file(long fd) {
        return fd >= 0 && fd < files.length() && files.get((int) fd) instanceof KernelFile file ? file : null;
    }

    /** {@code dup}: another descriptor of the same file; negative: there is no such file, or no descriptor. */
    public int dup(long fd) {
        KernelFile file = file(fd);
        if (file == null) {
            return -1;
        }
        int copy = open(file);
        if (copy >= 0) {
            file.get();
        }
        return copy;
    }

    /** Takes a file out: the caller has its reference now. {@code null}: there is no such file. */
    public @Nullable KernelFile take(long fd) {
        KernelFile file = file(fd);
        if (file != null) {
            files.set((int) fd, null);
        }
        return file;
    }

    /** The file of each open descriptor; one that has several is there as often. */
    public List<KernelFile> all() {
        List<KernelFile> all = new ArrayList<>();
        for (int fd = 0; fd < files.length(); fd++) {
            KernelFile file = file(fd);
            if (file != null) {
                all.add(file);
            }
        }
        return all;
    }

    /** The lowest open descriptor, or -1. */
    public int lowest() {
        return next(-1);
    }

    /** The lowest open descriptor above one, or -1. */
    public int next(int above) {
        for (int fd = above + 1; fd < files.length(); fd++) {
            if (file(fd) != null) {
                return fd;
            }
        }
        return -1;
    }

    /** The highest open descriptor, or -1. */
    public int highest() {
        int fd = files.length() - 1;
        while (fd >= 0 && file(fd) == null) {
            fd--;
        }
        return fd;
    }

    /** {@code fork}: a table with the same files. */
    public FileTable copy() {
        FileTable copy = new FileTable(kernel);
        copy.files.grow(files.length());
        for (int fd = 0; fd < files.length(); fd++) {
            KernelFile file = file(fd);
            if (file != null) {
                file.get();
                copy.files.set(fd, file);
            }
        }
        return copy;
    }
}
