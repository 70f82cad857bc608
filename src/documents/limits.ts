/**
 * How much a document of an order may hold.
 *
 * Owns: the figures that readers of all kinds share. What concerns one kind alone stands with its reader.
 */
export const MAX_SHEETS = 50;
/** Rows with at least one cell, over all sheets. */
export const MAX_SHEET_ROWS = 200_000;
export const MAX_PAGES = 200;
/** Lines of a text or of a message's body. */
export const MAX_TEXT_LINES = 5_000;
/** Elements of one part of a workbook: 200,000 rows of 12 cells. */
export const MAX_SHEET_ELEMENTS = 10_000_000;
