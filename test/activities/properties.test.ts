/**
 * The same activities, written in many ways, are read the same; what stands around them changes the report alone.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ingestTasks } from '../../src/documents/ingest.ts';

interface Activity {
  text: string;
  category: string;
  minutes: number;
}

const TODAY = '2026-12-01';
const RUNS = 150;

const WORDS = 'invoice check supplier ledger meeting backup server printer contract budget onboarding review'.split(
  ' ',
);
const CATEGORIES = ['finance', 'ops', 'it', 'people'];

const activity = fc.record({
  text: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(...WORDS))).map((words) => words.join(' ')),
  category: fc.constantFrom(...CATEGORIES),
  minutes: fc.integer({ min: 1, max: 600 }),
});
const activities = fc.array(activity, { minLength: 3, maxLength: 30 });

/** Headers of text, category and duration; `unit`: the third with a unit in it. */
const HEADERS = {
  en: { columns: ['Task', 'Category', 'Duration'], hours: 'Hours', minutes: 'Minutes', total: 'Total' },
  de: { columns: ['Aufgabe', 'Kategorie', 'Dauer'], hours: 'Stunden', minutes: 'Minuten', total: 'Summe' },
  fr: { columns: ['Tâche', 'Catégorie', 'Durée'], hours: 'Heures', minutes: 'Minutes', total: 'Total' },
  es: { columns: ['Tarea', 'Categoría', 'Duración'], hours: 'Horas', minutes: 'Minutos', total: 'Total' },
  it: { columns: ['Attività', 'Categoria', 'Durata'], hours: 'Ore', minutes: 'Minuti', total: 'Totale' },
  pt: { columns: ['Tarefa', 'Categoria', 'Duração'], hours: 'Horas', minutes: 'Minutos', total: 'Total' },
  nl: { columns: ['Taak', 'Categorie', 'Duur'], hours: 'Uren', minutes: 'Minuten', total: 'Totaal' },
  pl: { columns: ['Zadanie', 'Kategoria', 'Czas trwania'], hours: 'Godziny', minutes: 'Minuty', total: 'Razem' },
  cs: { columns: ['Úkol', 'Kategorie', 'Doba trvání'], hours: 'Hodiny', minutes: 'Minuty', total: 'Celkem' },
  ja: { columns: ['作業内容', '分類', '作業時間'], hours: '時間', minutes: '分', total: '合計' },
} as const;
type Language = keyof typeof HEADERS;

const two = (n: number): string => String(n).padStart(2, '0');
const hm = (m: number): [number, number] => [Math.floor(m / 60), m % 60];

/** How a duration is written: `cell`, and the header if it has to name the unit. */
const NOTATIONS: Readonly<Record<string, { cell: (m: number) => string; header?: 'hours' | 'minutes' | 'seconds' }>> = {
  clock: { cell: (m) => `${hm(m)[0]}:${two(hm(m)[1])}` },
  'clock with seconds': { cell: (m) => `${two(hm(m)[0])}:${two(hm(m)[1])}:00` },
  words: { cell: (m) => `${hm(m)[0]}h ${hm(m)[1]}m` },
  minutes: { cell: (m) => `${m} min` },
  seconds: { cell: (m) => `${m * 60} s` },
  iso: { cell: (m) => `PT${hm(m)[0]}H${hm(m)[1]}M` },
  'decimal hours': { cell: (m) => (m / 60).toFixed(4), header: 'hours' },
  'decimal comma hours': { cell: (m) => (m / 60).toFixed(4).replace('.', ','), header: 'hours' },
  'bare minutes': { cell: (m) => String(m), header: 'minutes' },
  'full-width minutes': {
    cell: (m) => String(m).replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    header: 'minutes',
  },
  german: { cell: (m) => `${hm(m)[0]} Std. ${hm(m)[1]} Min.` },
  french: { cell: (m) => `${hm(m)[0]}h${two(hm(m)[1])}` },
};

const ENCODINGS = ['utf-8', 'utf-8 with mark', 'utf-16le', 'utf-16le with mark', 'utf-16be with mark'] as const;

function encode(text: string, encoding: (typeof ENCODINGS)[number]): Uint8Array {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-8 with mark') return Buffer.from(`\ufeff${text}`);
  const marked = encoding.endsWith('mark') ? `\ufeff${text}` : text;
  const little = Buffer.from(marked, 'utf16le');
  return encoding.startsWith('utf-16be') ? little.swap16() : little;
}

function headersOf(language: Language, notation: keyof typeof NOTATIONS): string[] {
  const { columns, hours, minutes } = HEADERS[language];
  const named = NOTATIONS[notation]?.header;
  return [columns[0], columns[1], named === 'hours' ? hours : named === 'minutes' ? minutes : columns[2]];
}

const quoted = (cell: string, delimiter: string): string =>
  cell.includes(delimiter) || cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : cell;

const csvOf = (rows: readonly (readonly string[])[], delimiter: string): string =>
  rows.map((row) => row.map((cell) => quoted(cell, delimiter)).join(delimiter)).join('\r\n');

async function read(bytes: Uint8Array, name = 'export.csv') {
  const result = await ingestTasks(bytes, name, { maxRows: 100_000, today: TODAY });
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.errors)}`);
  return result;
}

const comparable = (rows: readonly { text: string; category: string; estimated_minutes: number }[]) =>
  rows.map(({ text, category, estimated_minutes }) => ({ text, category, minutes: estimated_minutes }));

describe('a list of activities', () => {
  test('is read the same in any notation, language, delimiter and encoding', async () => {
    await fc.assert(
      fc.asyncProperty(
        activities,
        fc.constantFrom(...(Object.keys(HEADERS) as Language[])),
        fc.constantFrom(...Object.keys(NOTATIONS)),
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom(...ENCODINGS),
        async (list: Activity[], language, notation, delimiter, encoding) => {
          const rows = list.map(({ text, category, minutes }) => [
            text,
            category,
            (NOTATIONS[notation] as { cell: (m: number) => string }).cell(minutes),
          ]);
          const file = await read(encode(csvOf([headersOf(language, notation), ...rows], delimiter), encoding));
          expect(comparable(file.rows)).toEqual(list);
          expect(file.input.rows).toMatchObject({ read: list.length, given: list.length, inferred: 0 });
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('is read the same with titles, totals, blank columns, repeated headers and notes around it', async () => {
    await fc.assert(
      fc.asyncProperty(
        activities,
        fc.constantFrom(...(Object.keys(HEADERS) as Language[])),
        fc.constantFrom(...Object.keys(NOTATIONS)),
        fc.record({
          titles: fc.integer({ min: 0, max: 4 }),
          blankBefore: fc.boolean(),
          blankAfter: fc.integer({ min: 0, max: 3 }),
          total: fc.boolean(),
          repeatAt: fc.option(fc.nat(29)),
          note: fc.boolean(),
        }),
        async (list: Activity[], language, notation, around) => {
          const { cell } = NOTATIONS[notation] as { cell: (m: number) => string };
          const header = headersOf(language, notation);
          const rows = list.map(({ text, category, minutes }) => [text, category, cell(minutes)]);
          if (around.repeatAt !== null && around.repeatAt < rows.length) rows.splice(around.repeatAt, 0, header);
          const sum = list.reduce((total, { minutes }) => total + minutes, 0);
          if (around.total) rows.push([HEADERS[language].total, '', cell(sum)]);
          const table = [header, ...rows].map((row) => [
            ...(around.blankBefore ? [''] : []),
            ...row,
            ...Array.from({ length: around.blankAfter }, () => ''),
          ]);
          const titles = ['Time report', 'March 2026', 'Operations department', 'Confidential'].slice(0, around.titles);
          const lines = [
            ...titles.map((title) => [title]),
            ...table,
            ...(around.note ? [[], ['Exported by the tracker']] : []),
          ];
          const file = await read(encode(csvOf(lines, ';'), 'utf-8'));
          expect(comparable(file.rows)).toEqual(list);
          expect(file.input.minutes).toEqual({ given: sum, inferred: 0 });
        },
      ),
      { numRuns: RUNS },
    );
  });
});
