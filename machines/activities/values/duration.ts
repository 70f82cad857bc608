/** A duration as one of the forms of `durations.ts` was read. */
export interface Duration {
  /** Not rounded; may be 0 or negative. */
  minutes: number;
  form: 'bare' | 'clock' | 'units' | 'iso';
  /** A day was counted as 8 hours of work, or a week as 5 days. */
  workdays?: true;
  /** The cell says `about`, `~` or `?`. */
  approximate?: true;
}
