/**
 * The four analytic deliverables as the workers publish them: the contract's figures with what makes them worth having.
 *
 * Owns: which additional fields stand in which deliverable, and the confidence with regard to estimated minutes. Does
 * not own the contract's figures (`time-waste.ts`, `cost.ts`, `friction.ts`, `scenario.ts`), which are exact to its
 * vectors, nor how the additional ones are computed.
 */
import { type Cost, costAnalysis } from './cost.ts';
import { type Fragmentation, fragmentationOf } from './fragmentation.ts';
import { type Friction, frictionAnalysis } from './friction.ts';
import { cappedConfidence, type InferredShare, inferredShare } from './inferred.ts';
import { costPerMonth, hoursPerMonth, type PerMonth, perMonth, recoveredPerMonth } from './per-month.ts';
import { type ProcessResult, processOf } from './process-log.ts';
import { rangeOf, type SavingsRange } from './range.ts';
import { type Charged, type Charging, chargingOf, costOfRows } from './rates.ts';
import { r2 } from './round.ts';
import { rowsOf } from './rows.ts';
import { type Scenario, scenarioAnalysis, scenarioSummary } from './scenario.ts';
import { hasRate, type SimilarWork, similarWork } from './similar-clusters.ts';
import { type Analysis, type TimeWaste, timeWasteAnalysis } from './time-waste.ts';
import { type Top, topOf } from './top.ts';
import { type Trend, trendOf } from './trend.ts';

/** What these formulas read of a work context. */
export interface AnalyzedWork extends Charged {
  period?: unknown;
  /** What reading the file came to, an `InputSummary`; repeated in every analytic deliverable. */
  input?: unknown;
}

/** What every analytic content says of its basis. */
interface Basis {
  /** Absent when no minutes are estimated. */
  inferred?: InferredShare;
  input?: object;
}

interface RateNote {
  rate_source: Charging['source'];
  rates?: NonNullable<Charging['rates']>;
}

export type TimeWasteContent = TimeWaste &
  Basis & { top: Top } & ({ trend: Trend } | { trend: null; trend_reason: string }) &
  PerMonth<{ hours: number }>;
export type CostContent = Cost & Basis & RateNote & PerMonth<{ hours: number; cost: number }>;
export type FrictionContent = Friction & Basis & SimilarWork & { fragmentation: Fragmentation } & ProcessResult;
export type ScenarioContent = Scenario &
  Basis &
  RateNote & { range: SavingsRange } & PerMonth<{ recovered_hours: number; recovered_cost: number }>;

export function timeWasteResults(context: AnalyzedWork): Analysis<TimeWasteContent> {
  const rows = rowsOf(context);
  return withBasis(context, timeWasteAnalysis(context), {
    top: topOf(rows),
    ...trendOf(rows),
    ...perMonth(rows, context.period, hoursPerMonth),
  });
}

export function costResults(context: AnalyzedWork): Analysis<CostContent> {
  const rows = rowsOf(context);
  const charging = chargingOf(context);
  const analysis = costAnalysis(charged(context, charging));
  return withBasis(context, charging.source === 'file' ? chargedByRow(analysis, context, charging) : analysis, {
    ...rateNote(charging),
    ...perMonth(rows, context.period, costPerMonth(charging)),
  });
}

/** The context with the rate that counts; one without any rate stays without. */
const charged = (context: AnalyzedWork, { source, hourlyRate }: Charging): AnalyzedWork =>
  source === 'file' ? { ...context, hourly_rate: hourlyRate } : context;

/** Cost by the rows' own rates; hours stay what they are. */
function chargedByRow(analysis: Analysis<Cost>, context: AnalyzedWork, charging: Charging): Analysis<Cost> {
  const monthly = costOfRows(rowsOf(context), charging);
  const costs = { monthly_cost: r2(monthly), annual_cost: r2(monthly * 12) };
  return {
    ...analysis,
    content: { ...analysis.content, ...costs },
    evidence: { ...analysis.evidence, ...costs },
  };
}

export function frictionResults(context: AnalyzedWork): Analysis<FrictionContent> {
  const rows = rowsOf(context);
  const charging = hasRate(rows, context.hourly_rate) ? chargingOf(context) : null;
  return withBasis(context, frictionAnalysis(context), {
    ...similarWork(rows, charging),
    fragmentation: fragmentationOf(rows),
    ...processOf(rows),
  });
}

export function scenarioResults(context: AnalyzedWork): Analysis<ScenarioContent> {
  const rows = rowsOf(context);
  const charging = chargingOf(context);
  const ofContract = scenarioAnalysis(charged(context, charging));
  const analysis = charging.source === 'file' ? recoveredByRow(ofContract, context, charging) : ofContract;
  const { total_hours, hourly_rate, avoidable_percent, recovered_hours, recovered_monthly_cost } = analysis.content;
  const totalCost = charging.source === 'file' ? costOfRows(rows, charging) : total_hours * hourly_rate;
  const range = rangeOf({
    rows,
    base: { avoidable_percent, recovered_hours, recovered_monthly_cost },
    totalHours: total_hours,
    totalCost,
    similar: similarWork(rows, null).similarity,
  });
  return withBasis(context, analysis, {
    ...rateNote(charging),
    range,
    ...perMonth(rows, context.period, recoveredPerMonth(charging, avoidable_percent)),
  });
}

/** The avoidable part of the cost by the rows' own rates. */
function recoveredByRow(analysis: Analysis<Scenario>, context: AnalyzedWork, charging: Charging): Analysis<Scenario> {
  const { avoidable_percent, recovered_hours } = analysis.content;
  const cost = (costOfRows(rowsOf(context), charging) * avoidable_percent) / 100;
  const recovered = { recovered_hours, recovered_monthly_cost: r2(cost) };
  return {
    ...analysis,
    content: { ...analysis.content, ...recovered, summary: scenarioSummary({ avoidable_percent, ...recovered }) },
    evidence: recovered,
  };
}

const rateNote = ({ source, rates }: Charging): RateNote => ({ rate_source: source, ...(rates && { rates }) });

function withBasis<Content extends object, More extends object>(
  context: AnalyzedWork,
  analysis: Analysis<Content>,
  more: More,
): Analysis<Content & More & Basis> {
  const inferred = inferredShare(rowsOf(context));
  const { input } = context;
  return {
    ...analysis,
    confidence: cappedConfidence(analysis.confidence, inferred),
    content: {
      ...analysis.content,
      ...more,
      ...(inferred && { inferred }),
      ...(typeof input === 'object' && input !== null && !Array.isArray(input) && { input }),
    },
  };
}
