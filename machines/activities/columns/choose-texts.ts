/**
 * Which columns say what was done, of which kind, by whom and for which project.
 *
 * Owns: the order of candidates by header and content. A column that is empty, constant, an id or a person is never
 * the text; the kind of work is the category when a better text stands beside it.
 */
import type { Role } from '../headers/roles.ts';
import { choosePerson } from './choose-person.ts';
import { type Column, roleOf, saysOneOf, strengthOf } from './column.ts';
import { isConstant, isProse, textLike } from './content.ts';

/** What a role counts as the text of an activity, before content. */
const TEXT_SCORE: Readonly<Partial<Record<Role, number>>> = {
  summary: 100,
  task: 90,
  description: 70,
  note: 65,
  activity: 60,
  name: 58,
  case: 10,
  id: 8,
  kind: 20,
  project: 15,
  tag: 10,
  client: 8,
};
/** What a role counts by how well the header says it; index = strength. */
const SAID = [0, 0.55, 0.7, 0.9, 1];
const UNKNOWN_HEADER = 30;
const NEVER_TEXT: ReadonlySet<Role> = new Set<Role>([
  'person',
  'email',
  'team',
  'status',
  'priority',
  'url',
  'location',
  'currency',
  'billable',
  'unit',
  'week',
  'month',
  'weekday',
  'date',
  'start_date',
  'start_time',
  'start',
  'end_date',
  'end_time',
  'end',
  'timestamp',
  'created',
  'due',
  'money',
  'rate',
  'ratio',
  'count',
  'points',
]);
/** Columns in which the text of a row may be found when the best one is empty there. */
const FALLBACK: ReadonlySet<Role> = new Set<Role>(['summary', 'task', 'description', 'note', 'activity', 'name']);
/** Words that are summary or kind, by what stands beside them. */
const TWO_FACED: readonly Role[] = ['task', 'activity', 'name'];
const MAX_TEXT_COLUMNS = 4;
/** A text in fewer of the rows is not the text. */
const MIN_FILL = 0.05;

export interface TextColumns {
  /** Best first; the text of a row is the first that is not empty. */
  text: readonly Column[];
  /** What names a row in which all columns of the text are empty, best first. */
  lastResort: readonly Column[];
  category: Column | null;
  person: Column | null;
  /** Holds the other half of the person's name: the last name beside the first. */
  personRest: Column | null;
  project: Column | null;
  case: Column | null;
}

/** @param recordCount rows below the header that are records */
export function chooseTexts(columns: readonly Column[], recordCount: number, wanted: WantedTexts = {}): TextColumns {
  const { person, personRest } = wanted.person
    ? { person: wanted.person, personRest: null }
    : choosePerson(columns, recordCount);
  const persons = new Set([person, personRest]);
  const text = wanted.text ? withFallbacks(wanted.text, columns) : textsOf(columns, recordCount, persons);
  const taken = new Set([text[0], person, personRest]);
  const category = wanted.category ?? categoryOf(columns, taken, recordCount) ?? categoryByContent(columns, taken);
  const project = wanted.project ?? best(columns, ['project'], taken);
  const lastResort = lastResorts(columns, new Set([...text, category, person, personRest]), category);
  return { text, lastResort, category, person, personRest, project, case: best(columns, ['case'], taken, true) };
}

export interface WantedTexts {
  text?: Column | undefined;
  category?: Column | undefined;
  person?: Column | undefined;
  project?: Column | undefined;
}

const withFallbacks = (text: Column, columns: readonly Column[]): Column[] => [
  text,
  ...columns.filter((column) => column !== text && column.profile.filled > 0 && saysOneOf(column, ['summary', 'task'])),
];

/** The kind of work, the project or the client: better than a record without a name. */
function lastResorts(columns: readonly Column[], taken: ReadonlySet<Column | null>, category: Column | null): Column[] {
  const roles: readonly (Role | null)[] = ['project', 'kind', 'client'];
  const named = columns
    .filter((column) => roles.includes(roleOf(column)) && !taken.has(column) && !isCalendar(column))
    .filter((column) => column.profile.filled > 0 && textLike(column) + column.profile.share.code >= 0.5)
    .toSorted((a, b) => roles.indexOf(roleOf(a)) - roles.indexOf(roleOf(b)));
  return category === null ? named : [category, ...named];
}

function textsOf(columns: readonly Column[], recordCount: number, persons: ReadonlySet<Column | null>): Column[] {
  const scored = columns
    .flatMap((column) => {
      const score = persons.has(column) ? null : textScore(column, columns, recordCount);
      return score === null ? [] : [{ column, score }];
    })
    .sort((a, b) => b.score - a.score || a.column.index - b.column.index);
  const [first, ...rest] = scored.map(({ column }) => column);
  if (!first) return textsWithoutChoice(columns, persons);
  const fallbacks = rest.filter((column) => FALLBACK.has(roleOf(column) as Role) && !isConstant(column));
  return [first, ...fallbacks].slice(0, MAX_TEXT_COLUMNS);
}

const TIMES: ReadonlySet<Role> = new Set<Role>([
  'actual',
  'duration',
  'estimate',
  'start',
  'start_time',
  'end',
  'end_time',
  'hours_part',
  'minutes_part',
]);

/**
 * The text where no column recommends itself: one that says the same everywhere, or beside a time the only one with
 * words, whatever its header is.
 */
function textsWithoutChoice(columns: readonly Column[], persons: ReadonlySet<Column | null>): Column[] {
  const worded = columns.filter((column) => textLike(column) >= 0.5 && !isCalendar(column) && !persons.has(column));
  const named = worded
    .filter((column) => FALLBACK.has(roleOf(column) as Role))
    .toSorted((a, b) => (TEXT_SCORE[roleOf(b) as Role] ?? 0) - (TEXT_SCORE[roleOf(a) as Role] ?? 0));
  if (named.length > 0) return named.slice(0, MAX_TEXT_COLUMNS);
  const unknown = worded.filter((column) => column.roles.length === 0 && !isConstant(column));
  const hasTime = columns.some((column) => TIMES.has(roleOf(column) as Role) && column.profile.filled > 0);
  return hasTime && unknown.length === 1 ? unknown : [];
}

const CALENDAR_SHARE = 0.8;

/** Weekdays and months are never what was done. */
const isCalendar = ({ profile }: Column): boolean => profile.calendarNames >= CALENDAR_SHARE;

/** Null: never the text. */
function textScore(column: Column, columns: readonly Column[], recordCount: number): number | null {
  const { profile } = column;
  const role = roleOf(column);
  if (profile.filled === 0 || (role !== null && NEVER_TEXT.has(role)) || isCalendar(column)) return null;
  // Short labels with digits, such as `T1`, are texts where the header says that the column holds texts.
  const likeText = textLike(column) + (role !== null && FALLBACK.has(role) ? profile.share.code : 0);
  if (likeText < 0.5) return null;
  if (isConstant(column) && !(role === 'summary' || role === 'task')) return null;
  let score = role === null ? UNKNOWN_HEADER : (TEXT_SCORE[role] ?? 0) * (SAID[strengthOf(column)] as number);
  // An id that is a sentence is the title of what it names: `Task #12: Check the invoice`.
  if ((role === 'id' || role === 'case') && isProse(column)) score = TEXT_SCORE.task as number;
  // A column with no known name must look like what people write.
  if (role === null && !isProse(column) && columns.some(({ header }) => header !== '')) return null;
  score += 10 * (profile.distinct / Math.max(1, profile.sampled));
  if (profile.meanWords >= 2) score += 5;
  if (profile.distinct === 1 && profile.sampled > 1) score -= 50;
  if (profile.filled < MIN_FILL * recordCount) score -= 50;
  if (role !== null && TWO_FACED.includes(role) && hasBetterBeside(column, columns, recordCount)) score -= 40;
  return score;
}

/** Whether a column of few short words stands beside one in which people say what they did. */
function hasBetterBeside(column: Column, columns: readonly Column[], recordCount: number): boolean {
  const { profile } = column;
  const variety = profile.distinct / Math.max(1, profile.sampled);
  const isKindLike = profile.meanWords < 1.7 || (profile.sampled >= 4 && variety <= 0.6);
  return columns.some((other) => {
    if (other === column || !saysOneOf(other, ['summary', 'description', 'note', 'task'])) return false;
    const { filled, sampled, distinct, meanWords } = other.profile;
    if (filled < 0.5 * recordCount || textLike(other) < 0.5 || isConstant(other)) return false;
    if (roleOf(column) === 'name' && profile.share.person >= 0.8 && other.profile.share.person < 0.8) return true;
    const isRicher = meanWords > profile.meanWords + 0.5 || distinct / Math.max(1, sampled) > 1.5 * variety;
    return isKindLike && isRicher;
  });
}

const CATEGORY_SCORE: Readonly<Partial<Record<Role, number>>> = {
  kind: 100,
  activity: 80,
  task: 70,
  project: 60,
  tag: 40,
  client: 30,
};
/** A category is a few words. */
const CATEGORY_WORDS = 6;

function categoryOf(
  columns: readonly Column[],
  taken: ReadonlySet<Column | null | undefined>,
  recordCount: number,
): Column | null {
  let found: Column | null = null;
  let bestScore = 0;
  for (const column of columns) {
    const role = roleOf(column);
    const base = role === null ? undefined : CATEGORY_SCORE[role];
    const { filled, distinct, sampled, meanWords } = column.profile;
    if (base === undefined || taken.has(column) || filled === 0) continue;
    if (textLike(column) + column.profile.share.code < 0.5 || meanWords > CATEGORY_WORDS) continue;
    let score = base + strengthOf(column);
    if (filled < MIN_FILL * recordCount) score -= 50;
    if (sampled > 20 && distinct > 0.8 * sampled) score -= 45;
    // What is the same everywhere tells nothing apart, unless nothing else is there.
    if (isConstant(column)) score -= 25;
    if (score > bestScore) {
      found = column;
      bestScore = score;
    }
  }
  return found;
}

/** Without headers: few short words that repeat. */
function categoryByContent(columns: readonly Column[], taken: ReadonlySet<Column | null | undefined>): Column | null {
  if (columns.some(({ header }) => header !== '')) return null;
  const repeating = columns.filter(
    (column) =>
      !taken.has(column) &&
      column.profile.share.text >= 0.5 &&
      column.profile.meanWords <= 3 &&
      column.profile.distinct < column.profile.sampled,
  );
  return repeating.sort((a, b) => a.profile.distinct - b.profile.distinct)[0] ?? null;
}

/** The fullest column with one of the roles; the strongest among equals. */
function best(
  columns: readonly Column[],
  roles: readonly Role[],
  taken: ReadonlySet<Column | null | undefined>,
  allowsNumbers = false,
): Column | null {
  let found: Column | null = null;
  for (const column of columns) {
    const role = roleOf(column);
    if (role === null || !roles.includes(role) || taken.has(column) || column.profile.filled === 0) continue;
    if (!allowsNumbers && textLike(column) + column.profile.share.email + column.profile.share.code < 0.5) continue;
    if (found === null || rank(column) > rank(found)) found = column;
  }
  return found;
}

const rank = (column: Column): number => strengthOf(column) * 1e9 + column.profile.filled;
