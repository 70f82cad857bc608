/**
 * Files as time trackers, spreadsheets and people write them: each is read as it is meant, or it is said what is not
 * known.
 */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ingestTasks } from '../../src/documents/ingest.ts';
import files from './files.json' with { type: 'json' };

const TODAY = '2026-12-01';

describe('a file of activities', () => {
  test.each(files)(
    '$file is read as it is meant: $about',
    async ({ file, rows, minutes, firstText, firstCategory, refused }) => {
      const bytes = await readFile(new URL(`files/${file}`, import.meta.url));
      const read = await ingestTasks(bytes, file, { maxRows: 100_000, today: TODAY });
      if (refused) {
        expect(read).toMatchObject({ ok: false, errors: [{ message: expect.stringMatching(/.{5}/) }] });
        return;
      }
      if (!read.ok) throw new Error(`refused: ${read.errors[0]?.message}`);
      const { input, warnings } = read;
      expect(read.rows.length).toBe(rows);
      const sum = read.rows.reduce((total, row) => total + row.estimated_minutes, 0);
      if (minutes === null) {
        expect(input.rows).toMatchObject({ given: 0, inferred: rows });
        expect(warnings[0]).toContain('estimates');
      } else {
        expect(sum).toBe(minutes);
        expect(input.rows).toMatchObject({ given: rows, inferred: 0 });
      }
      expect(input.minutes.given + input.minutes.inferred).toBe(sum);
      if (firstText !== null) expect(read.rows[0]?.text).toBe(firstText);
      if (firstCategory !== null) expect(read.rows[0]?.category).toBe(firstCategory);
    },
  );
});
