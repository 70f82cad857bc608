import { describe, expect, it } from 'vitest';
import { categoryOf } from '../../machines/formulas/categories.ts';
import { confidence } from '../../machines/formulas/confidence.ts';
import { costAnalysis } from '../../machines/formulas/cost.ts';
import { estimateByWords } from '../../machines/formulas/estimates.ts';
import { frictionAnalysis } from '../../machines/formulas/friction.ts';
import { normalize } from '../../machines/formulas/rows.ts';
import { scenarioAnalysis } from '../../machines/formulas/scenario.ts';
import { timeWasteAnalysis } from '../../machines/formulas/time-waste.ts';
import analysis from '../vectors/analysis.json' with { type: 'json' };
import category from '../vectors/category.json' with { type: 'json' };
import normalizeText from '../vectors/normalize_text.json' with { type: 'json' };
import wordEstimate from '../vectors/word_estimate.json' with { type: 'json' };

describe('worked cases', () => {
  it.each(analysis.cases.map((c, i) => [i, c] as const))('analysis %i gives its figures', (_, worked) => {
    const { work_context, expected } = worked;
    const total_hours = expected.time.total_hours;
    expect(timeWasteAnalysis(work_context).content).toEqual(expected.time);
    expect(costAnalysis(work_context).content).toEqual({ total_hours, ...expected.costs });
    expect(frictionAnalysis(work_context).content).toEqual({ total_hours, ...expected.friction });
    const { hourly_rate } = expected.costs;
    expect(scenarioAnalysis(work_context).content).toMatchObject({ total_hours, hourly_rate, ...expected.scenario });
    expect(confidence(work_context)).toBe(expected.confidence);
  });

  it.each(normalizeText.cases)('text $text normalizes to $expected', ({ text, expected }) => {
    expect(normalize(text)).toBe(expected);
  });

  it.each(wordEstimate.cases)('a text of $words words lasts $expected_minutes min', ({ words, expected_minutes }) => {
    expect(estimateByWords('word '.repeat(words))).toBe(expected_minutes);
  });

  it.each(category.cases)('cell $cell, text $text: $expected', ({ cell, text, expected }) => {
    expect(categoryOf(cell, text)).toBe(expected);
  });
});
