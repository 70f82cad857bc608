import { describe, expect, it } from 'vitest';
import { costResults, frictionResults, scenarioResults, timeWasteResults } from '../../machines/formulas/analyses.ts';
import { findingsOf } from '../../machines/formulas/findings.ts';
import { reportText, type ShownDeliverable } from '../../src/cli/report.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

const terminal: Terminal = { columns: null, print: () => {}, complain: () => {}, style: (_, text) => text };

function deliverables(rows: object[], hourly_rate?: number): ShownDeliverable[] {
  const context = { rows, hourly_rate };
  const analyses = [
    timeWasteResults(context),
    costResults(context),
    frictionResults(context),
    scenarioResults(context),
  ];
  const contents = Object.fromEntries(analyses.map(({ type, content }) => [type, { ...content }]));
  const report = {
    summary: '5 items done.',
    items: [],
    questions: [],
    findings: findingsOf(contents),
    missing: ['Remarks.'],
  };
  const shown = { agent: 'worker', late: false };
  return [
    ...analyses.map(({ type, confidence, content }, n) => ({
      ...shown,
      id: String(n),
      type,
      confidence,
      content: { ...content },
    })),
    { ...shown, id: 'r', type: 'final_report', confidence: 0.5, content: report },
  ];
}

const rows = Array.from({ length: 300 }, (_, n) => ({
  text: `${['Mail', 'Call with a customer', 'Check invoice', 'Plan the week'][n % 4]} ${n % 60}`,
  category: `category ${n % 30}`,
  estimated_minutes: 10 + (n % 50),
  estimate_source: n % 3 === 0 ? 'inferred' : 'given',
  date: `2026-0${1 + (n % 6)}-0${1 + (n % 9)}`,
  person: `Person ${n % 8}`,
  project: `Project ${n % 9}`,
}));

describe('a report in the terminal', () => {
  it('says input and findings first, and what amounts rest on', () => {
    const text = reportText(deliverables(rows, 80), terminal);
    const lines = text.split('\n');
    expect(lines[0]).toBe('Findings');
    expect(lines[1]).toMatch(/^ {2}Input: 300 rows were read; 200 of them with a duration \(66\.67 %\), 100 estimated/);
    expect(lines[2]).toMatch(/^ {2}1\. The activities add up to /);
    expect(text).toContain('Missing: Remarks.');
    expect(text.match(/% of it estimated, not measured/g)?.length).toBe(3);
    for (const part of [
      'hours per month (span of the file, ',
      'most time: ',
      'by person: ',
      'by project: ',
      'in similar words, ',
      'of the whole file: low ',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('assumption, not a measurement');
  });

  it('stays short', () => {
    expect(reportText(deliverables(rows, 80), terminal).split('\n').length).toBeLessThanOrEqual(66);
  });

  it('says why there are no figures per month', () => {
    const text = reportText(deliverables([{ text: 'Mail', estimated_minutes: 5 }]), terminal);
    expect(text).toContain('per month of the real span: unknown. No row has a date.');
  });

  it('says when nothing is measured', () => {
    const text = reportText(
      deliverables([{ text: 'Mail', estimated_minutes: 30, estimate_source: 'inferred' }], 1),
      terminal,
    );
    expect(text).toContain('all of it estimated, not measured');
  });
});
