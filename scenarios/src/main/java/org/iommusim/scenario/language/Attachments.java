package org.iommusim.scenario.language;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Files that a scenario names. */
public interface Attachments {
    /** The largest one, unpacked. */
    int BYTES_MAX = 512 << 20;

    /**
     * Opens a file.
     *
     * @param name as the scenario spells it
     * @throws IOException if it cannot be read; the message is not used
     */
    InputStream open(String name) throws IOException;

    /** Files relative to the one at this path. */
    static Attachments beside(String scenario) {
        return name -> {
            try {
                return Files.newInputStream(Path.of(scenario).resolveSibling(name));
            } catch (InvalidPathException e) {
                throw new IOException(e);
            }
        };
    }

    /** All bytes of the file that stands at a place; unpacked if it is gzip. */
    default byte[] read(Place at) {
        String name = at.text("expected the name of a file");
        byte[] bytes;
        try (InputStream in = open(name)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        } catch (IOException e) {
            throw at.wrong("found no file \"" + name + "\" that can be read", "expected one, relative to the scenario");
        }
        if (bytes.length > 1 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b) {
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                bytes = in.readNBytes(BYTES_MAX + 1);
            } catch (IOException e) {
                throw at.wrong(
                        "found \"" + name + "\" with damaged gzip data", "expected whole gzip data, or a plain file");
            }
        }
        if (bytes.length > BYTES_MAX) {
            throw at.wrong("found \"" + name + "\" with more than 512 MiB", "expected less");
        }
        return bytes;
    }
}
