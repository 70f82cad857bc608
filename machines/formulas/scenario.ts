/**
 * What would be won if the avoidable time were not spent.
 *
 * Owns: the `with_agent_scenario` deliverable and its one sentence.
 */
import { confidence } from './confidence.ts';
import { avoidablePercent } from './friction.ts';
import { r2 } from './round.ts';
import { type Analyzed, hourlyRate, rowsOf } from './rows.ts';
import { type Analysis, totalHours } from './time-waste.ts';

export interface Scenario {
  total_hours: number;
  hourly_rate: number;
  avoidable_percent: number;
  recovered_hours: number;
  recovered_monthly_cost: number;
  summary: string;
}

export function scenarioAnalysis(context: Analyzed): Analysis<Scenario> {
  const rows = rowsOf(context);
  const total_hours = totalHours(rows);
  const hourly_rate = hourlyRate(context);
  const avoidable_percent = avoidablePercent(rows);
  const hours = (total_hours * avoidable_percent) / 100;
  const recovered = { recovered_hours: r2(hours), recovered_monthly_cost: r2(hours * hourly_rate) };
  const summary = scenarioSummary({ avoidable_percent, ...recovered });
  return {
    type: 'with_agent_scenario',
    confidence: confidence(context),
    content: { total_hours, hourly_rate, avoidable_percent, ...recovered, summary },
    evidence: recovered,
  };
}

type Recovered = Pick<Scenario, 'avoidable_percent' | 'recovered_hours' | 'recovered_monthly_cost'>;

export const scenarioSummary = ({ avoidable_percent, recovered_hours, recovered_monthly_cost }: Recovered): string =>
  `Recovering ${recovered_hours} h per month (${avoidable_percent}% of the analyzed time) ` +
  `is worth ${recovered_monthly_cost} per month.`;
