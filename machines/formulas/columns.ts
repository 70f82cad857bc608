/**
 * Which column is which, by its header.
 *
 * Owns: the keywords, how well a header matches a field, and who gets a column that two fields want.
 */

export type Field = 'text' | 'category' | 'duration';

/** Index of each field's column, null if no header matches it. */
export type Columns = Record<Field, number | null>;

const FIELDS: readonly { field: Field; name: string; keywords: readonly string[] }[] = [
  {
    field: 'text',
    name: 'text',
    keywords: ['task', 'title', 'description', 'name', 'summary', 'request', 'activity'],
  },
  { field: 'category', name: 'category', keywords: ['category', 'type', 'classification', 'bucket'] },
  {
    field: 'duration',
    name: 'estimated minutes',
    keywords: ['duration', 'time', 'hours', 'effort', 'estimate', 'minutes'],
  },
];
/** A header with one of these says when, not how long. */
const POINTS_IN_TIME = words('start end begin finish date created updated due');

interface Match {
  field: Field;
  column: number;
  score: number;
  /** Place of the keyword among the keywords of all fields. */
  keyword: number;
}

/** The columns of the three fields: best match first, one column per field and one field per column. */
export function matchColumns(headers: readonly string[]): Columns {
  const columns: Columns = { text: null, category: null, duration: null };
  const taken = new Set<number>();
  const matches = headers.flatMap((header, column) => matchHeader(header, column));
  matches.sort((a, b) => b.score - a.score || a.keyword - b.keyword || a.column - b.column);
  for (const { field, column } of matches) {
    if (columns[field] !== null || taken.has(column)) continue;
    columns[field] = column;
    taken.add(column);
  }
  return columns;
}

function matchHeader(header: string, column: number): Match[] {
  const said = words(header);
  const matches: Match[] = [];
  let keyword = 0;
  for (const { field, name, keywords } of FIELDS) {
    let best: Match | undefined;
    const pointInTime = field === 'duration' && POINTS_IN_TIME.some((word) => said.includes(word));
    for (const candidate of keywords) {
      const score = pointInTime ? 0 : scoreOf(said, name, candidate);
      if (score > (best?.score ?? 0)) best = { field, column, score, keyword };
      keyword += 1;
    }
    if (best) matches.push(best);
  }
  return matches;
}

/** 4: the field's own name; 3: just the keyword; 2: its last word is the keyword; 1: another word is; else 0. */
function scoreOf(said: readonly string[], name: string, keyword: string): number {
  if (said.join(' ') === words(name).join(' ')) return 4;
  const [wanted = ''] = words(keyword);
  if (!said.includes(wanted)) return 0;
  if (said.length === 1) return 3;
  return said.at(-1) === wanted ? 2 : 1;
}

/** Words of a–z and 0–9, lower case, without a plural `s`. */
function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.replace(/(?<=.)s$/, ''));
}
