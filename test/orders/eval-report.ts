/**
 * Adds scores up and says whether they are good enough.
 *
 * Owns: the tables and targets. Families are never added together: what holds for one alone was fitted to it.
 */
import { table } from '../bench/table.ts';
import { LINE_FIELDS, type LineField, type Score, type Tally } from './eval-scoring.ts';
import { FAMILIES, type Family, HEADER_FIELDS, type HeaderField, LANGUAGES, type Specimen } from './generator/truth.ts';

export interface Judged {
  specimen: Specimen;
  score: Score;
  /** Values that stand nowhere. */
  invented: readonly string[];
  /** What the reader itself says about it: files it cannot read, tables it does not find. */
  remarks: readonly string[];
}

/** F1 of lines by beginning of the producer's name; header fields have one target for all. */
const LINE_TARGETS: Readonly<Record<string, number>> = { xls: 0.95, csv: 0.95, pdf: 0.85, eml: 0.85, txt: 0.85 };
const HEADER_TARGET = 0.9;

export interface Sum {
  documents: number;
  lines: Tally;
  fields: Record<LineField, number>;
  header: Tally;
  byHeader: Record<HeaderField, Tally>;
  invented: number;
}

export function sumOf(judged: readonly Judged[]): Sum {
  const none = (): Tally => ({ right: 0, read: 0, there: 0 });
  const sum: Sum = {
    documents: judged.length,
    lines: none(),
    fields: Object.fromEntries(LINE_FIELDS.map((name) => [name, 0])) as Record<LineField, number>,
    header: none(),
    byHeader: Object.fromEntries(HEADER_FIELDS.map((name) => [name, none()])) as Record<HeaderField, Tally>,
    invented: 0,
  };
  for (const { score, invented } of judged) {
    add(sum.lines, score.lines);
    for (const name of LINE_FIELDS) sum.fields[name] += score.fields[name];
    for (const name of HEADER_FIELDS) {
      add(sum.header, score.header[name]);
      add(sum.byHeader[name], score.header[name]);
    }
    sum.invented += invented.length;
  }
  return sum;
}

function add(sum: Tally, { right, read, there }: Tally): void {
  sum.right += right;
  sum.read += read;
  sum.there += there;
}

export const precision = ({ right, read }: Tally): number => (read === 0 ? 1 : right / read);
export const recall = ({ right, there }: Tally): number => (there === 0 ? 1 : right / there);

export function f1(tally: Tally): number {
  const [p, r] = [precision(tally), recall(tally)];
  return p + r === 0 ? 0 : (2 * p * r) / (p + r);
}

/** One row for each producer and language, then one for each producer. */
export function figures(judged: readonly Judged[]): string {
  const producers = [...new Set(judged.map(({ specimen }) => specimen.producer))];
  const head = [
    'format',
    'language',
    'docs',
    'lines',
    'P',
    'R',
    'F1',
    ...LINE_FIELDS,
    'header P',
    'R',
    'F1',
    'invented',
  ];
  return FAMILIES.map((family) => {
    const own = judged.filter(({ specimen }) => specimen.family === family);
    const rows = producers.flatMap((producer) =>
      [...LANGUAGES, 'all'].flatMap((language) => {
        const some = own.filter(
          ({ specimen }) => specimen.producer === producer && (language === 'all' || specimen.language === language),
        );
        return some.length === 0 ? [] : [[producer, language, ...figureCells(sumOf(some))]];
      }),
    );
    return rows.length === 0 ? '' : `${table(`Family ${family}`, head, rows)}\n\n${headerTable(own)}`;
  })
    .filter((text) => text !== '')
    .join('\n\n');
}

function figureCells({ documents, lines, fields, header, invented }: Sum): (string | number)[] {
  return [
    ...[documents, lines.there],
    ...[precision(lines), recall(lines), f1(lines)].map(two),
    ...LINE_FIELDS.map((name) => two(lines.there === 0 ? 1 : fields[name] / lines.there)),
    ...[precision(header), recall(header), f1(header)].map(two),
    invented,
  ];
}

function headerTable(judged: readonly Judged[]): string {
  const groups = groupsOf(judged);
  const head = ['header field', ...groups.map(({ name }) => `${name} P / R`)];
  const sums = groups.map(({ members }) => sumOf(members));
  const rows = HEADER_FIELDS.map((name) => [
    name,
    ...sums.map(({ byHeader }) => `${two(precision(byHeader[name]))} / ${two(recall(byHeader[name]))}`),
  ]);
  return table('  by header field', head, rows);
}

const two = (value: number): string => (value === 1 ? '1' : (Math.floor(value * 1000) / 1000).toFixed(3));

function groupsOf(judged: readonly Judged[]): { name: string; members: Judged[] }[] {
  return Object.keys(LINE_TARGETS)
    .map((name) => ({ name, members: judged.filter(({ specimen }) => specimen.producer.startsWith(name)) }))
    .filter(({ members }) => members.length > 0);
}

/** The targets that are missed, a sentence each. */
export function missedTargets(judged: readonly Judged[]): string[] {
  return FAMILIES.flatMap((family: Family) =>
    groupsOf(judged.filter(({ specimen }) => specimen.family === family)).flatMap(({ name, members }) => {
      const { lines, header, invented } = sumOf(members);
      const target = LINE_TARGETS[name] as number;
      return [
        ...(f1(lines) < target
          ? [`family ${family}, ${name}: F1 of lines ${two(f1(lines))}, should be ${target}`]
          : []),
        ...(f1(header) < HEADER_TARGET
          ? [`family ${family}, ${name}: F1 of header fields ${two(f1(header))}, should be ${HEADER_TARGET}`]
          : []),
        ...(invented > 0 ? [`family ${family}, ${name}: ${invented} invented values, should be none`] : []),
      ];
    }),
  );
}

/** The documents with the most faults, and what is wrong with them. */
export function worstDocuments(judged: readonly Judged[], count: number, faultsEach: number): string {
  const faults = ({ score, invented }: Judged) => [...invented.map((fault) => `INVENTED ${fault}`), ...score.faults];
  return judged
    .filter((one) => faults(one).length > 0)
    .toSorted((a, b) => badness(b) - badness(a))
    .slice(0, count)
    .map((one) => {
      const { specimen, score } = one;
      const all = [...one.remarks, ...faults(one)];
      const shown = all.slice(0, faultsEach).map((fault) => `    ${fault}`);
      const more = all.length > faultsEach ? [`    … ${all.length - faultsEach} more`] : [];
      const title = `${specimen.file.filename}  lines ${score.lines.right}/${score.lines.there}  [${specimen.features.join('; ')}]`;
      return [title, ...shown, ...more].join('\n');
    })
    .join('\n');
}

function badness({ score, invented }: Judged): number {
  const { right, read, there } = score.lines;
  const header = Object.values(score.header).reduce(
    (sum, tally) => sum + tally.there + tally.read - 2 * tally.right,
    0,
  );
  return invented.length * 1000 + ((there + read - 2 * right) / Math.max(1, there)) * 10 + header;
}
