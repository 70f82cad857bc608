/**
 * What the time costs. Amounts are per month of the given rows; `period` is information only.
 *
 * Owns: the `cost_analysis` deliverable.
 */
import { confidence } from './confidence.ts';
import { r2 } from './round.ts';
import { type Analyzed, hourlyRate, rowsOf } from './rows.ts';
import { type Analysis, totalHours } from './time-waste.ts';

export interface Cost {
  total_hours: number;
  hourly_rate: number;
  monthly_cost: number;
  annual_cost: number;
}

export function costAnalysis(context: Analyzed): Analysis<Cost> {
  const total_hours = totalHours(rowsOf(context));
  const hourly_rate = hourlyRate(context);
  const monthly = total_hours * hourly_rate;
  const costs = { monthly_cost: r2(monthly), annual_cost: r2(monthly * 12) };
  return {
    type: 'cost_analysis',
    confidence: confidence(context),
    content: { total_hours, hourly_rate, ...costs },
    evidence: { total_hours, ...costs },
  };
}
