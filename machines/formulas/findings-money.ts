/**
 * Findings about money: what the time costs, and between which bounds savings may lie.
 *
 * Owns: the sentences made of `cost_analysis` and `with_agent_scenario`. No currency is named: rates come without one.
 */
import { at, type Certainty, type Contents, numberAt, type RankedFinding } from './findings-reading.ts';
import { plainNumber } from './numbers.ts';

export function moneySentences(contents: Contents, certainty: Certainty): RankedFinding[] {
  return [cost(contents.cost_analysis, certainty), savings(contents.with_agent_scenario, certainty)].filter(
    (found) => found !== null,
  );
}

function cost(content: unknown, { estimated, inferredPercent, inPart }: Certainty): RankedFinding | null {
  const monthly_cost = numberAt(content, 'monthly_cost');
  const hourly_rate = numberAt(content, 'hourly_rate');
  if (monthly_cost === null) return null;
  const cost_per_month = numberAt(content, 'per_month', 'cost');
  const monthly = cost_per_month === null ? '' : `, ${plainNumber(cost_per_month)} per month of its span`;
  const at = rateText(content, hourly_rate);
  const basis = inferredPercent >= 100 ? ', as far as estimated hours can tell' : inPart;
  const sentence = `${at}the time costs ${estimated}${plainNumber(monthly_cost)} for the file as a whole${monthly}${basis}.`;
  return {
    rank: 2,
    finding: { sentence, figures: { hourly_rate, monthly_cost, cost_per_month }, source: 'cost_analysis.monthly_cost' },
  };
}

function rateText(content: unknown, rate: number | null): string {
  const [min, max] = [numberAt(content, 'rates', 'min'), numberAt(content, 'rates', 'max')];
  if (at(content, 'rate_source') === 'file' && min !== null && max !== null) {
    return min === max
      ? `At the file’s rate of ${plainNumber(min)} per hour, `
      : `At the rates in the file, ${plainNumber(min)} to ${plainNumber(max)} per hour, `;
  }
  return rate === null ? 'In money, ' : `At ${plainNumber(rate)} per hour, `;
}

function savings(content: unknown, { inferredPercent, inPart }: Certainty): RankedFinding | null {
  const base_percent = numberAt(content, 'avoidable_percent');
  const base_hours = numberAt(content, 'recovered_hours');
  const base_cost = numberAt(content, 'recovered_monthly_cost');
  if (base_percent === null || base_hours === null || base_cost === null) return null;
  const low_hours = numberAt(content, 'range', 'low', 'recovered_hours');
  const high_hours = numberAt(content, 'range', 'high', 'recovered_hours');
  const figures = { base_percent, base_hours, base_cost, low_hours, high_hours };
  const between =
    low_hours === null || high_hours === null
      ? ''
      : `, ${plainNumber(low_hours)} to ${plainNumber(high_hours)} under other assumptions`;
  const basis =
    inferredPercent >= 100
      ? ' All of these hours are estimates.'
      : inPart && ` Of the hours, ${plainNumber(inferredPercent)} % are estimated.`;
  const sentence =
    base_hours === 0 && (high_hours ?? 0) === 0
      ? 'Nothing recurs in the same or similar words, so no savings are assumed.'
      : `If recurring work can be saved, which is assumed and not measured, ${plainNumber(base_hours)} of the file’s hours ` +
        `(${plainNumber(base_percent)} %, worth ${plainNumber(base_cost)}) could be won back${between}.${basis}`;
  return { rank: 4, finding: { sentence, figures, source: 'with_agent_scenario.range' } };
}
