package org.iommusim.scenario.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Makes memory images in the layout of the recorded ones: stream table at 0x100000, CDs at 0x200000, tables from 0x400000 on
 * in the order in which they are needed, data at 0x40000000; addresses begin at 0x10000000000. With a stage 2, IPAs of
 * tables and CDs are their addresses and 0x1000000000, those of data begin at 0x2000000000.
 */
final class Gem5Image {
    /** First address that devices use. */
    static final long VA = 0x100_0000_0000L;

    private static final long STREAM_TABLE = 0x10_0000;
    private static final long CDS = 0x20_0000;
    private static final long TABLES = 0x40_0000;
    private static final long DATA = 0x4000_0000L;
    private static final long IPA_TABLES = 0x10_0000_0000L;
    private static final long IPA_DATA = 0x20_0000_0000L;

    private static final long S1_PAGE = 0xf43;
    private static final long S1_BLOCK = 0xf41;
    private static final long S2_PAGE = 0x7ff;
    private static final long S2_BLOCK = 0x7fd;
    private static final long CONTIGUOUS = 1L << 52;

    final int pages;
    final boolean blocks;
    int streams = 1;
    /** SubstreamIDs of each stream; 0: none. */
    int substreams;

    private boolean nested;
    private boolean splitByStage2;
    private boolean contiguous;

    private final NavigableMap<Long, Long> words = new TreeMap<>();
    private long next = TABLES;

    private Gem5Image(int pages, boolean blocks) {
        this.pages = pages;
        this.blocks = blocks;
    }

    /** Pages of 4 KiB. */
    static Gem5Image pages(int pages) {
        return new Gem5Image(pages, false);
    }

    /** Blocks of 2 MiB. */
    static Gem5Image blocks(int blocks) {
        return new Gem5Image(blocks, true);
    }

    /** With a stage 2 whose pages are of the same size. */
    Gem5Image nested() {
        nested = true;
        return this;
    }

    /** With a stage 2 of 4 KiB pages under blocks. */
    Gem5Image splitByStage2() {
        splitByStage2 = true;
        return nested();
    }

    /** Every 16 pages are a contiguous run. */
    Gem5Image contiguous() {
        contiguous = true;
        return this;
    }

    Gem5Image streams(int number) {
        streams = number;
        return this;
    }

    Gem5Image substreams(int number) {
        substreams = number;
        return this;
    }

    /** log2 of the size of the stream table. */
    int log2Streams() {
        return Math.max(4, 32 - Integer.numberOfLeadingZeros(streams - 1));
    }

    long pageBytes() {
        return blocks ? 2L << 20 : 4096;
    }

    /** The bytes from address 0 on. */
    byte[] bytes() {
        words.clear();
        next = TABLES;
        long root = table();
        for (int page = 0; page < pages; page++) {
            long output = nested ? IPA_DATA + page * pageBytes() : data(page);
            long bits = blocks ? S1_BLOCK : S1_PAGE | (contiguous ? CONTIGUOUS : 0);
            map(root, VA + page * pageBytes(), blocks ? 2 : 3, output | bits, nested ? IPA_TABLES : 0);
        }
        long distance = nested ? IPA_TABLES : 0;
        int cdsEach = Math.max(1, substreams);
        for (int stream = 0; stream < streams; stream++) {
            long cds = CDS + 64L * cdsEach * stream;
            for (int i = 0; i < cdsEach; i++) {
                words.put(cds + 64L * i, 0xe205_c000_3510L | (long) (1 + i) << 48);
                words.put(cds + 64L * i + 8, root + distance);
                words.put(cds + 64L * i + 24, 0xffL);
            }
            long log2 = substreams == 0 ? 0 : 32 - Integer.numberOfLeadingZeros(substreams - 1);
            words.put(STREAM_TABLE + 64L * stream, 1 | (nested ? 7 : 5) << 1 | cds + distance | log2 << 59);
            words.put(STREAM_TABLE + 64L * stream + 8, 0x1000_0000_00d4L | (substreams == 0 ? 0 : 2));
        }
        if (nested) {
            addStage2();
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) next).order(ByteOrder.LITTLE_ENDIAN);
        words.forEach((address, word) -> bytes.putLong((int) (long) address, word));
        return bytes.array();
    }

    private void addStage2() {
        long root = table();
        List<Long> translated = new ArrayList<>();
        long page = -1;
        for (long address : words.subMap(CDS, root).keySet()) {
            if (address >>> 12 != page) {
                page = address >>> 12;
                translated.add(page << 12);
            }
        }
        for (int i = 0; i < pages; i++) {
            long ipa = IPA_DATA + i * pageBytes();
            for (int part = 0; part < (splitByStage2 ? 512 : 1); part++) {
                long output = data(i) + 4096L * part;
                boolean whole = blocks && !splitByStage2;
                map(root, ipa + 4096L * part, whole ? 2 : 3, output | (whole ? S2_BLOCK : S2_PAGE), 0);
            }
        }
        translated.forEach(address -> map(root, address + IPA_TABLES, 3, address | S2_PAGE, 0));
        for (int stream = 0; stream < streams; stream++) {
            words.put(STREAM_TABLE + 64L * stream + 16, 0x40d_3590_0000_0001L);
            words.put(STREAM_TABLE + 64L * stream + 24, root);
        }
    }

    private long data(int page) {
        if (blocks) {
            return DATA + page % 8 * pageBytes();
        }
        long place = contiguous ? page / 16 * 16L % 4096 + page % 16 : page * 2_654_435_761L % 4096;
        return DATA + place * 4096;
    }

    private long table() {
        long table = next;
        next += 4096;
        return table;
    }

    private void map(long root, long input, int level, long descriptor, long distance) {
        long table = root;
        for (int l = 0; l < level; l++) {
            Long there = words.get(entry(table, input, l));
            long pointer = there == null ? table() + distance | 3 : there;
            words.put(entry(table, input, l), pointer);
            table = (pointer & 0xffff_ffff_f000L) - distance;
        }
        words.put(entry(table, input, level), descriptor);
    }

    private static long entry(long table, long input, int level) {
        return table + 8 * (input >>> 12 + 9 * (3 - level) & 0x1ff);
    }
}
