/**
 * What a column of an activity export can be, as far as its header says.
 *
 * Owns: the roles, and their order, which decides between roles that a header names equally well. Does not own what a
 * reading makes of a role: `created` is no day of work, `break` no duration, and so on is decided where columns are chosen.
 */

export const ROLES = [
  /** Name of the thing done: title, subject, issue summary, card name, Betreff. */
  'summary',
  /** May be a name of the thing done or a kind of work: Task, Issue, Aufgabe. */
  'task',
  /** Longer text. */
  'description',
  /** What somebody wrote about the work: comment, notes, memo, work description. */
  'note',
  /** Bare `Name`: of a person or of the thing done. */
  'name',
  /** May be a name of the thing done or a kind of work: Activity, Tätigkeit, Leistungsart. */
  'activity',
  'kind',
  'tag',
  'project',
  'client',
  'person',
  'email',
  'team',
  'id',
  /** Case of a process log. */
  'case',
  'status',
  'priority',
  'url',
  'location',
  'date',
  'start_date',
  'start_time',
  'start',
  'end_date',
  'end_time',
  'end',
  'timestamp',
  /** Moments of the record, not of the work: created, updated, closed. */
  'created',
  /** Moments that are planned: due, deadline, baseline start. */
  'due',
  /** Duration that is said to be spent: time spent, worked, logged, Ist. */
  'actual',
  /** Duration that is not said to be spent or planned: duration, hours, effort. */
  'duration',
  'estimate',
  /** What is left, and differences between planned and spent. */
  'remaining',
  /** Totals that contain other rows or columns: Σ Time Spent, row totals of a week grid. */
  'cumulative',
  /** Bare `Hours`, which may stand beside bare `Minutes`; such a header is also a `duration`. */
  'hours_part',
  'minutes_part',
  'break',
  'overtime',
  'points',
  'ratio',
  'count',
  'rate',
  'money',
  'currency',
  'billable',
  'unit',
  'week',
  'month',
  'weekday',
] as const;

export type Role = (typeof ROLES)[number];

/**
 * Phrases by role, each string a list separated by commas. Marks before a phrase:
 *
 * | Mark | Meaning |
 * |---|---|
 * | `=` | counts only if it is the whole header: `From`, `Estimated` |
 * | `~` | one strength weaker than it would be: `billable hours` is a duration, but not the first choice |
 *
 * Both may stand together, `=` first.
 *
 * `nothing` holds phrases that would otherwise be mistaken for a role: a time zone is no time.
 */
export type HeaderWords = Readonly<Partial<Record<Role | 'nothing', readonly string[]>>>;
