/** The checks and sentences about rows that were not read as they stand: unreadable, corrected, cut, differing. */
import type { settleCorrections } from './corrections.ts';
import type { CheckReport, IgnoredReason } from './input-report.ts';
import type { Tally } from './tally.ts';
import type { ChosenTime } from './time/choose-time.ts';
import type { Warnings } from './warnings.ts';

export function talliedChecks(tally: Tally<string>, ignored: Tally<IgnoredReason>): CheckReport[] {
  const checks: CheckReport[] = [];
  const add = (name: CheckReport['check'], found: ReturnType<typeof tally.get>) => {
    if (found) checks.push({ check: name, count: found.count, first_row: found.first_row, factor: found.factor });
  };
  add('unreadable duration', tally.get('unreadable'));
  add('twin columns differ', tally.get('twin'));
  add('negative duration', tally.get('correction') ?? ignored.get('negative'));
  return checks;
}

const placeOf = ({ first_row, sheet }: { first_row: number; sheet: string | null }): string =>
  sheet === null ? String(first_row) : `${first_row} of "${sheet}"`;

export function tellOfRows(
  tally: Tally<string>,
  { corrections, dropped }: ReturnType<typeof settleCorrections>,
  workdays: number,
  isSpan: boolean,
  { source, twin }: ChosenTime,
  warnings: Warnings,
): void {
  const unreadable = tally.get('unreadable');
  if (unreadable) {
    const samples = tally
      .entries()
      .filter(([kind]) => kind.startsWith('unreadable '))
      .slice(0, 3)
      .map(([kind]) => JSON.stringify(kind.slice('unreadable '.length)));
    const rows =
      unreadable.count === 1
        ? `Row ${placeOf(unreadable)}`
        : `${unreadable.count} rows, first row ${placeOf(unreadable)}`;
    warnings.add(
      `${rows}: "${source?.header}" cannot be read as a duration (${samples.join(', ')}); an estimate stands in its place.`,
    );
  }
  if (corrections > 0) {
    warnings.add(
      `${corrections === 1 ? 'A negative duration is' : `${corrections} negative durations are`} taken as corrections: they are subtracted from rows with the same text (and person and project, where the file has them), nearest first.`,
    );
  }
  if (dropped.size > 0) {
    const why = isSpan
      ? 'the end is before the start'
      : 'no row with the same text, person and project has as much time';
    warnings.add(
      `${dropped.size === 1 ? 'A row with a negative duration is' : `${dropped.size} rows with negative durations are`} left out: ${why}.`,
    );
  }
  if (workdays > 0) {
    warnings.add(
      `${workdays === 1 ? 'A duration' : `${workdays} durations`} in days or weeks: a day counts as 8 hours of work, a week as 5 days.`,
    );
  }
  const differing = tally.get('twin');
  if (differing && twin) {
    warnings.add(
      `"${source?.header}" and "${twin.column.name}" say different times in ${differing.count === 1 ? `row ${differing.first_row}` : `${differing.count} rows, first row ${differing.first_row}`}; the first one counts.`,
    );
  }
  const cut = tally.get('text cut');
  if (cut)
    warnings.add(
      `${cut.count === 1 ? `The text of row ${cut.first_row} is` : `The texts of ${cut.count} rows, first row ${cut.first_row}, are`} longer than 10,000 characters and cut.`,
    );
  const category = tally.get('category cut');
  if (category) warnings.add(`A category of more than 200 characters was cut, first in row ${category.first_row}.`);
}
