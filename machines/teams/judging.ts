/** What a coordinator reads in the answers of its agents. Total: an answer from outside may be anything. Pure. */
import { firstCodePoints } from '../formulas/code-points.ts';

/** The first of these that says something is what an answer is about. */
const HEADLINES = [
  'summary',
  'purpose',
  'executive_summary',
  'reasoning',
  'risk_mitigation_summary',
  'overall_assessment',
  'context_summary',
  'full_email',
  'full_response',
  'edited_content',
];
const MAX_HEADLINE_CODE_POINTS = 200;

type Output = Readonly<Record<string, unknown>>;

export function headlineOf(output: Output): string {
  const found = HEADLINES.map((key) => output[key]).find((text) => typeof text === 'string' && text.trim() !== '');
  return firstCodePoints(((found as string | undefined) ?? '').trim(), MAX_HEADLINE_CODE_POINTS);
}

export interface Review {
  /** 0–1. */
  score: number;
  issues: readonly unknown[];
  summary: string;
}

export function reviewOf({ score, issues, summary }: Output): Review {
  return {
    score: typeof score === 'number' ? Math.min(1, Math.max(0, score)) : 0,
    issues: Array.isArray(issues) ? issues : [],
    summary: typeof summary === 'string' ? summary : '',
  };
}
