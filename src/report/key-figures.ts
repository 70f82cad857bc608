/**
 * The few numbers a reader looks for first.
 *
 * Owns: which they are, and what each says of its basis. Figures per month of the real span stand beside those that
 * take the whole file for one month.
 */
import type { Contents } from '../../machines/formulas/findings.ts';
import { numberAt, textAt } from '../../machines/formulas/findings-reading.ts';
import { plainNumber } from '../../machines/formulas/numbers.ts';
import type { ColumnKind } from './report-table.ts';

export interface KeyFigure {
  label: string;
  value: number;
  kind: ColumnKind;
  /** What it rests on. */
  basis: string;
  /** True when it is more than half estimated. */
  estimated: boolean;
}

const MOSTLY_PERCENT = 50;

export function keyFigures(contents: Contents): KeyFigure[] {
  const {
    time_waste_analysis: time,
    cost_analysis: cost,
    friction_analysis: friction,
    with_agent_scenario: scenario,
  } = contents;
  const share = Math.max(
    0,
    ...[time, cost, friction, scenario].map((content) => numberAt(content, 'inferred', 'share_percent') ?? 0),
  );
  const part = share > 0 ? `; ${plainNumber(share)} % of it estimated` : '';
  const span = monthsOf(time ?? cost ?? scenario);
  const rows: [label: string, value: number | null, kind: ColumnKind, basis: string, isTime: boolean][] = [
    ['Hours', numberAt(time, 'total_hours') ?? numberAt(cost, 'total_hours'), 'hours', `whole file${part}`, true],
    ['Hours per month', numberAt(time, 'per_month', 'hours'), 'hours', `${span}${part}`, true],
    ['Cost', numberAt(cost, 'monthly_cost'), 'money', `whole file, ${rateBasis(cost)}${part}`, true],
    ['Cost per month', numberAt(cost, 'per_month', 'cost'), 'money', `${span}, ${rateBasis(cost)}${part}`, true],
    ['Rows that recur word for word', numberAt(friction, 'recurring_share'), 'percent', 'of all rows', false],
    ['Time in similar work', numberAt(friction, 'similarity', 'share_percent'), 'percent', `of all time${part}`, true],
    [
      'Savings assumed',
      numberAt(scenario, 'recovered_hours'),
      'hours',
      `of the file’s hours, an assumption${part}`,
      true,
    ],
    [
      'Savings per month',
      numberAt(scenario, 'per_month', 'recovered_cost'),
      'money',
      `${span}, an assumption${part}`,
      true,
    ],
  ];
  return rows.flatMap(([label, value, kind, basis, isTime]) =>
    value === null ? [] : [{ label, value, kind, basis, estimated: isTime && share > MOSTLY_PERCENT }],
  );
}

function monthsOf(content: unknown): string {
  const months = numberAt(content, 'per_month', 'months');
  const basis = textAt(content, 'per_month', 'basis');
  return months === null ? '' : `${basis ?? 'span'}, ${plainNumber(months)} months`;
}

function rateBasis(content: unknown): string {
  if (textAt(content, 'rate_source') === 'file') return 'at the rates in the file';
  const rate = numberAt(content, 'hourly_rate');
  return rate === null ? 'at no known rate' : `at ${plainNumber(rate)} per hour`;
}
