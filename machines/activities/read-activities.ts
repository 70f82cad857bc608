/**
 * A file of activities, from its cells to rows with minutes, and what the reading has to say of itself.
 *
 * Owns: the order of the steps: sheets, header, columns, time, rows that are no records, figures, checks. Each step is
 * a file of its own. Keeps I11: any cells give rows and a report, or a refusal that names the place.
 */
import { weightedRate } from '../formulas/rates.ts';
import type { ActivityRow } from './activity-row.ts';
import { chooseTexts, type TextColumns } from './columns/choose-texts.ts';
import { type Column, columnsOf, roleOf } from './columns/column.ts';
import { isProse } from './columns/content.ts';
import { columnReports } from './describe-columns.ts';
import { sayWhatIsMissing } from './describe-input.ts';
import type { InputReport, ReadingQuestion } from './input-report.ts';
import { makeRows } from './make-rows.ts';
import type { ActivityMapping } from './mapping.ts';
import { findRates } from './rates.ts';
import { type MappedUse, resolveMapping, withoutText } from './resolve-mapping.ts';
import { serialDatesSentence, withSerialDates } from './serial-dates.ts';
import { looksLikeActivities, mayBeForeignActivities } from './signs.ts';
import { chooseSheets } from './table/choose-sheets.ts';
import { findSums } from './table/find-sums.ts';
import type { FoundTable } from './table/find-table.ts';
import { type SetAside, sortRows } from './table/sort-rows.ts';
import { surplusCells } from './table/surplus-cells.ts';
import { type ActivityTables, type SheetRow, textOf } from './tables.ts';
import { type ChosenTime, chooseTime } from './time/choose-time.ts';
import { EMPTY, type TimedRow } from './time/time-source.ts';
import { Warnings } from './warnings.ts';

export interface ReadOptions {
  /** As it was uploaded. */
  file: string | null;
  maxRows: number;
  mapping?: ActivityMapping | undefined;
  /** `YYYY-MM-DD`, to know dates that cannot be. */
  today: string;
}

export interface ActivityReading {
  ok: true;
  rows: ActivityRow[];
  input: InputReport;
  /** Mean of the rates of the file, weighted by time; null if it has none. */
  hourlyRate: number | null;
}

/** `path`: `file`, `file:<row>:<column>` (both from 1), or `/mapping/<key>`. */
export interface ReadingRefusal {
  ok: false;
  errors: { path: string; message: string }[];
}

const refuse = (message: string, path = 'file'): ReadingRefusal => ({ ok: false, errors: [{ path, message }] });

export function readActivities(tables: ActivityTables, options: ReadOptions): ActivityReading | ReadingRefusal {
  const { mapping = {}, maxRows } = options;
  const { tables: found, sheets } = chooseSheets(tables.sheets, mapping.header_row, mapping.sheet !== undefined);
  const dated = found.map(withSerialDates);
  const chosen = dated.map(({ table }) => table);
  const [first] = chosen;
  const headerRow = mapping.header_row ?? 0;
  if (headerRow > 0 && first?.header?.number !== headerRow) {
    return refuse(`row ${headerRow} is blank, the last one, or not there`, '/mapping/header_row');
  }
  if (!first) return refuse('empty sheet or missing header');

  const sorted = chosen.map((table) => ({ table, ...sortRows(table) }));
  const records = sorted.flatMap((each) => each.records);
  const setAside = sorted.flatMap((each) => each.setAside);
  if (records.length === 0) return refuse('empty sheet or missing header');

  const columns = columnsOf(widest(chosen), records);
  const resolved = resolveMapping(mapping, columns);
  if (resolved.problems.length > 0) {
    return {
      ok: false,
      errors: resolved.problems.map(({ use, message }) => ({ path: `/mapping/${use}`, message })),
    };
  }
  const hasHeader = first.header !== null;
  const texts = textColumns(columns, records.length, resolved.columns);
  const unitRow = sorted[0]?.units ?? null;
  const time = chooseTime({
    columns,
    records,
    totals: setAside.filter(({ reason }) => reason === 'total').map(({ row }) => row),
    mapping,
    mapped: resolved.columns,
    unitRow: (index) => textOf(unitRow?.cells[index]).trim(),
    hasHeader,
    taken: takenBy(texts),
  });
  const refusal = refuseWithoutText(first, columns, texts, time, records);
  if (refusal) return refusal;
  const read = time.source?.read ?? (() => EMPTY);
  const summed = sumsOf(sorted, read, columns, texts.text);
  if (summed.records.length > maxRows) {
    const row = summed.records[maxRows]?.row.number ?? 1;
    return refuse(`the file has more than ${maxRows} rows`, `file:${row}:1`);
  }
  if (summed.records.length === 0) return refuse('empty sheet or missing header');

  const warnings = new Warnings(tables.notes.map(({ sentence }) => sentence));
  warnings.addAll(time.assumptions);
  const serial = new Set(dated.flatMap(({ columns }) => columns));
  if (serial.size > 0) warnings.add(serialDatesSentence([...serial]));
  const used = [...takenBy(texts), texts.project, texts.case, ...(time.source?.columns ?? [])];
  const surplus = surplusCells(sorted, new Set(used.map((column) => column?.index ?? -1)), tables.delimiter !== null);
  if (surplus !== null) warnings.add(surplus);
  const rates = ratesOf(columns, records, resolved.columns.get('rate')?.[0], warnings);
  const sheetOf = new Map(chosen.flatMap((table, sheet) => table.below.map((row) => [row, sheet] as const)));
  const made = makeRows({
    timed: summed.records,
    aside: [...setAside, ...summed.setAside],
    read,
    texts,
    time,
    rates,
    status: columns.find((column) => roleOf(column) === 'status' && column.profile.filled > 0) ?? null,
    headerRows: new Map(chosen.flatMap((table) => table.below.map((row) => [row, table.header?.number ?? 0] as const))),
    sheetOf,
    sheetName: (row) => (chosen.length > 1 ? (chosen[sheetOf.get(row) ?? 0]?.sheet.name ?? null) : null),
    today: options.today,
    warnings,
  });
  const question = questionFor(columns, time, made, hasHeader, texts.text[0]);
  const input: InputReport = {
    file: options.file,
    sheets,
    mapping: Object.keys(mapping).length > 0 ? mapping : null,
    encoding: tables.encoding,
    delimiter: tables.delimiter,
    header_row: first.header?.number ?? null,
    columns: columnReports(summed.records, texts, time, rates?.column ?? null, resolved.columns, hasHeader),
    unit: time.source?.unit ?? null,
    rows: made.counts,
    minutes: made.minutes,
    checks: made.checks,
    warnings: [],
    question,
  };
  sayWhatIsMissing(input, first, time, question, warnings);
  input.warnings = warnings.sentences();
  return { ok: true, rows: made.rows, input, hourlyRate: meanRate(made.rows) };
}

/** Money per hour with four decimals. */
function meanRate(rows: readonly ActivityRow[]): number | null {
  const mean = weightedRate(rows);
  return mean === null ? null : Number(mean.toFixed(4));
}

/**
 * A list of times without texts, as clocks print it, still has hours. Without header and time, texts must be ones that
 * people write; anything else is no list.
 */
function refuseWithoutText(
  { header }: FoundTable,
  columns: readonly Column[],
  { text: [text] }: TextColumns,
  { source }: ChosenTime,
  records: readonly SheetRow[],
): ReadingRefusal | null {
  const isTold = source !== null && source.chosenBy !== 'content';
  const isSaid = text !== undefined && (header !== null || source !== null || isProse(text));
  if (isTold || isSaid) return null;
  const first = header ?? records[0];
  const names = header === null ? (first?.cells.map(textOf) ?? []) : columns.map(({ name }) => name);
  return refuse(withoutText(names), `file:${first?.number ?? 1}:1`);
}

/** Headers of the first of the tables that are read together, and of what another one has beyond them. */
function widest(tables: readonly FoundTable[]): readonly string[] {
  const headers = [...(tables[0]?.headers ?? [])];
  for (const table of tables) headers.push(...table.headers.slice(headers.length));
  return headers;
}

function textColumns(
  columns: readonly Column[],
  recordCount: number,
  mapped: ReadonlyMap<MappedUse, readonly Column[]>,
): TextColumns {
  const one = (use: MappedUse) => mapped.get(use)?.[0];
  const wanted = { text: one('text'), category: one('category'), person: one('person'), project: one('project') };
  return chooseTexts(columns, recordCount, wanted);
}

const takenBy = ({ text, category, person, personRest }: TextColumns): ReadonlySet<Column> =>
  new Set([...text, category, person, personRest].filter((column) => column !== null));

/** Totals are sums of the rows of one sheet. */
function sumsOf(
  sheets: readonly { records: readonly SheetRow[]; setAside: readonly SetAside[] }[],
  read: (row: SheetRow) => TimedRow['reading'],
  columns: readonly Column[],
  texts: readonly Column[],
): { records: TimedRow[]; setAside: SetAside[] } {
  const records: TimedRow[] = [];
  const setAside: SetAside[] = [];
  for (const sheet of sheets) {
    const timed = sheet.records.map((row) => ({ row, reading: read(row) }));
    let labelledTotal = 0;
    for (const { row, reason } of sheet.setAside) {
      if (reason === 'total' || reason === 'subtotal') labelledTotal = Math.max(labelledTotal, row.number);
    }
    const found = findSums(timed, columns, texts, labelledTotal);
    for (const each of found.records) records.push(each);
    for (const each of found.setAside) setAside.push(each);
  }
  return { records, setAside };
}

function ratesOf(
  columns: readonly Column[],
  records: readonly SheetRow[],
  mapped: Column | undefined,
  warnings: Warnings,
) {
  const found = findRates(columns, records, mapped);
  if (found === null) return null;
  if ('rates' in found) return found.rates;
  warnings.add(found.refused);
  return null;
}

/** Share of the rows without a time from which a person is asked. */
const ASK_ABOVE = 0.5;

function questionFor(
  columns: readonly Column[],
  time: ChosenTime,
  { counts }: { counts: InputReport['rows'] },
  hasHeader: boolean,
  text: Column | undefined,
): ReadingQuestion | null {
  const options = time.couldBe.map(({ name }) => name);
  if (!looksLikeActivities(columns, time.source !== null, hasHeader)) {
    const mayBe = hasHeader && mayBeForeignActivities(columns, text, time.couldBe);
    return mayBe ? { about: 'time column', options } : { about: 'activities' };
  }
  if (counts.inferred <= ASK_ABOVE * counts.read || time.source?.chosenBy === 'mapping') return null;
  return options.length === 0 ? null : { about: 'time column', options };
}
