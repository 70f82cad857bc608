/**
 * An order as a person checks it on a terminal: its files, its values and where they stand, what is not right with it.
 *
 * Owns: the layout. Does not own what is said: that is the order as the API shows it.
 */
import { type Column, plain, type Style, type Terminal, table } from '../src/cli/terminal.ts';
import type { OrderView } from '../src/store/orders.ts';

type Field = OrderView['fields'][string];
type Line = NonNullable<OrderView['draft']>['lines'][number];

/** Below this a person should look twice. */
const SURE = 0.7;
const NAMES = ['sku', 'description', 'qty', 'uom', 'unit_price', 'total_price'] as const;
const TITLES = ['SKU', 'DESCRIPTION', 'QTY', 'UNIT', 'PRICE', 'TOTAL'] as const;
const NUMERIC: ReadonlySet<string> = new Set(['qty', 'unit_price', 'total_price']);

/** What became of each file; those of a message stand below it. */
export function attachmentsText({ attachments }: OrderView, terminal: Terminal): string {
  const columns: Column<OrderView['attachments'][number]>[] = [
    { title: 'FILE', of: ({ filename, parent_id }) => (parent_id === null ? filename : `└ ${filename}`) },
    { title: 'TYPE', of: ({ mime_type }) => mime_type, flexible: true, style: () => 'dim' },
    { title: 'BYTES', of: ({ size }) => size?.toLocaleString('en') ?? null, right: true },
    {
      title: 'STATUS',
      of: ({ status, reason }) => [status, reason].filter((part) => part !== null).join(': '),
      style: ({ status }) => (status === 'parsed' ? 'green' : status === 'skipped' ? 'dim' : 'yellow'),
    },
  ];
  return indented(table(attachments, columns, terminal));
}

/** The values that the order has once. */
export function headText({ fields }: OrderView, terminal: Terminal): string {
  const rows = Object.entries(fields).filter(([path]) => !path.startsWith('lines['));
  const columns: Column<(typeof rows)[number]>[] = [
    { title: 'FIELD', of: ([path]) => path },
    { title: 'VALUE', of: ([, { value }]) => value, flexible: true, style: ([, field]) => styleOf(field) },
    { title: 'STANDS IN', of: ([, { source }]) => placeOf(source), style: () => 'dim' },
    { title: 'FOUND BY', of: ([, { method }]) => method, style: () => 'dim' },
    { title: 'SURE', of: ([, field]) => sureness(field), right: true, style: ([, field]) => styleOf(field) },
  ];
  return indented(table(rows, columns, terminal));
}

/** Below each line the places of its values, and how sure they are. */
export function linesText({ draft, fields }: OrderView, terminal: Terminal): string {
  const rows = (draft?.lines ?? []).flatMap((line) => [
    { line, places: false },
    { line, places: true },
  ]);
  const columns = NAMES.map((name, index): Column<{ line: Line; places: boolean }> => {
    const fieldOf = ({ line_no }: Line): Field | undefined => fields[`lines[${line_no}].${name}`];
    return {
      title: TITLES[index] as string,
      of: ({ line, places }) => (places ? cellAndSureness(fieldOf(line)) : (line[name] ?? '')),
      right: NUMERIC.has(name),
      flexible: name === 'description',
      style: ({ line, places }) => (places ? 'dim' : styleOf(fieldOf(line))),
    };
  });
  const number: (typeof columns)[number] = {
    title: '#',
    of: ({ line, places }) => (places ? '' : line.line_no),
    right: true,
  };
  return indented(table(rows, [number, ...columns], terminal));
}

/** What is missing and what is odd. */
export function issuesText({ missing_fields, anomalies }: OrderView, terminal: Terminal): string {
  const rows = [
    ...missing_fields.map(({ field, reason }) => ['missing', field, reason] as const),
    ...anomalies.map(({ severity, type, description }) => [severity, type, description] as const),
  ];
  const columns: Column<(typeof rows)[number]>[] = [
    { title: 'WEIGHT', of: ([weight]) => weight, style: ([weight]) => (weight === 'warning' ? 'yellow' : 'red') },
    { title: 'WHAT', of: ([, what]) => what },
    // Not cut: it says where to look.
    { title: 'DETAILS', of: ([, , details]) => details },
  ];
  return indented(table(rows, columns, terminal));
}

/** What a person has changed. */
export function changesText({ decision }: OrderView, terminal: Terminal): string {
  const columns: Column<NonNullable<OrderView['decision']>['changes'][number]>[] = [
    { title: 'FIELD', of: ({ field }) => field },
    { title: 'FROM', of: ({ from }) => shown(from), style: () => 'red' },
    { title: 'TO', of: ({ to }) => shown(to), style: () => 'green' },
  ];
  return indented(table(decision?.changes ?? [], columns, terminal));
}

export const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** The sheets of the cells that the lines stand in. */
export function sheetsOfLines({ fields }: OrderView): string {
  const places = Object.entries(fields).flatMap(([path, { source }]) =>
    path.startsWith('lines[') && source?.kind === 'cell' ? [`${plain(source.filename)}, ${plain(source.sheet)}`] : [],
  );
  return [...new Set(places)].join(' and ');
}

function placeOf(source: Field['source']): string {
  switch (source?.kind) {
    case 'cell':
      return `${source.filename}, ${source.sheet}!${source.cell}`;
    case 'page':
      return `${source.filename}, page ${source.page}`;
    case 'line':
      return `${source.filename}, line ${source.line}`;
    case 'form':
      return source.field;
    default:
      return 'nowhere';
  }
}

/** `C17 99 %`; what a model says without a source in its place. */
function cellAndSureness(field: Field | undefined): string {
  if (field?.suggestion != null) return `${shown(field.suggestion)}?`;
  const place = field?.source?.kind === 'cell' ? field.source.cell : placeOf(field?.source ?? null);
  return field?.source ? `${place} ${sureness(field)}` : place;
}

const sureness = ({ confidence, flags }: Field): string => [...flags, `${Math.round(confidence * 100)} %`].join(' ');

const styleOf = (field: Field | undefined): Style | null =>
  field === undefined || field.confidence < SURE ? 'yellow' : null;

const shown = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '-');
