/**
 * A record of a file of activities as it travels on the bus: a `row` with what else the file says about it. A type and
 * no interface, since it is also used as a row of unchecked shape.
 */
export type ActivityRow = {
  text: string;
  category: string;
  /** Whole minutes ≥ 0. */
  estimated_minutes: number;
  estimate_source: 'given' | 'inferred';
  /** 1 = the first row after the header, in the file's own counting. */
  source_row: number;
  /** Day of the activity, `YYYY-MM-DD`. */
  date?: string;
  /** Start, wall clock, `YYYY-MM-DDTHH:MM`. */
  start?: string;
  /** End, wall clock, likewise. */
  end?: string;
  person?: string;
  project?: string;
  /** Case of a process log. */
  case?: string;
  /** Money per hour. */
  rate?: number;
};
