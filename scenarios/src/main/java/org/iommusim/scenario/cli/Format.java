package org.iommusim.scenario.cli;

/** How results are printed. */
enum Format {
    text,
    json
}
