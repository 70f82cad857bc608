// How well a small fixed set of orders is read. The targets are in `eval-report.ts`; these floors keep what is reached.
import { describe, expect, it } from 'vitest';
import { inventedValues } from './eval-invented.ts';
import { readSpecimen } from './eval-reading.ts';
import { f1, type Judged, sumOf, worstDocuments } from './eval-report.ts';
import { scoreOf } from './eval-scoring.ts';
import { makeSpecimens } from './generator/specimens.ts';
import { type Family, LANGUAGES } from './generator/truth.ts';

/**
 * F1 of lines and of header fields, and how many values may stand nowhere. A little below what is reached; to be
 * raised as reading gets better.
 */
const FLOORS: readonly { family: Family; format: string; lines: number; header: number; invented: number }[] = [
  { family: 'a', format: 'xlsx/exceljs', lines: 0.99, header: 0.96, invented: 0 },
  { family: 'a', format: 'csv', lines: 0.99, header: 0.95, invented: 0 },
  { family: 'a', format: 'pdf/plain', lines: 0.79, header: 0.97, invented: 0 },
  { family: 'a', format: 'txt', lines: 0.99, header: 0.97, invented: 0 },
  { family: 'a', format: 'eml', lines: 0.98, header: 0.97, invented: 0 },
  { family: 'b', format: 'xlsx/exceljs', lines: 0.87, header: 0.84, invented: 0 },
  { family: 'b', format: 'csv', lines: 0.99, header: 0.91, invented: 0 },
  { family: 'b', format: 'pdf/plain', lines: 0.99, header: 0.87, invented: 0 },
  { family: 'b', format: 'txt', lines: 0.87, header: 0.95, invented: 0 },
  { family: 'b', format: 'eml', lines: 0.98, header: 0.91, invented: 0 },
];

describe('orders', () => {
  it.each(FLOORS)('of family $family in $format are read as well as before', async ({ family, format, ...floor }) => {
    const wanted = { seed: 11, count: 2, families: [family], languages: LANGUAGES, formats: [format] };
    const judged: Judged[] = [];
    for (const specimen of await makeSpecimens(wanted, () => {})) {
      const read = await readSpecimen(specimen);
      judged.push({
        specimen,
        score: scoreOf(read.reading, specimen),
        invented: inventedValues(read, specimen),
        remarks: [],
      });
    }
    const { lines, header, invented } = sumOf(judged);
    const worst = worstDocuments(judged, 3, 4);
    expect(f1(lines), worst).toBeGreaterThanOrEqual(floor.lines);
    expect(f1(header), worst).toBeGreaterThanOrEqual(floor.header);
    expect(invented, worst).toBeLessThanOrEqual(floor.invented);
  });
});
