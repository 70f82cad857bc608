/**
 * The deliverables of a project, for reading.
 *
 * Owns: how each type of deliverable is told. A type it does not know is shown by its plain values.
 */
import type { Report, TeamResult } from '../../schemas/types.ts';
import { costLines, findingLines, hoursLines, recurringLines, savingsLines } from './report-analyses.ts';
import { type Column, plain, plural, type Terminal, table } from './terminal.ts';
import { memberLines } from './values.ts';

/** As `GET /api/projects/:id/deliverables/:did` shows it. */
export interface ShownDeliverable {
  id: string;
  type: string;
  agent: string;
  confidence: number;
  late: boolean;
  content: Record<string, unknown>;
}

type Tell = (content: never, terminal: Terminal) => string[];

const tell: Readonly<Record<string, readonly [title: string, Tell]>> = {
  time_waste_analysis: ['Hours by category', hoursLines],
  cost_analysis: ['Cost', costLines],
  friction_analysis: ['Recurring work', recurringLines],
  with_agent_scenario: ['Savings', savingsLines],
  requirements_analysis: ['Requirements', requirements],
  development_output: ['Development', development],
  test_report: ['Checks', checks],
  generic_output: ['Result', ({ note }: { note: string }) => [plain(note)]],
  team_result: ['Team result', teamResult],
  final_report: ['Final report', finalReport],
};

/** Findings before conclusions, the report on the whole last; within a type in the order given. */
const order = Object.keys(tell).filter((type) => type !== 'final_report');

function rank({ type }: ShownDeliverable): number {
  if (type === 'final_report') return order.length + 1;
  return order.includes(type) ? order.indexOf(type) : order.length;
}

/** What was found first, then one section per deliverable. */
export function reportText(deliverables: readonly ShownDeliverable[], terminal: Terminal): string {
  const sorted = deliverables.toSorted((a, b) => rank(a) - rank(b));
  const found = findingLines(deliverables.findLast(({ type }) => type === 'final_report')?.content);
  const findings = found.length > 0 ? [[terminal.style('bold', 'Findings'), ...found].join('\n  ')] : [];
  return [...findings, ...sorted.map((deliverable) => section(deliverable, terminal))].join('\n\n');
}

function section({ type, agent, confidence, late, content }: ShownDeliverable, terminal: Terminal): string {
  const [title, lines] = tell[type] ?? [type, values];
  const by = `${plain(agent)}, confidence ${confidence}${late ? ', late' : ''}`;
  const body = lines(content as never, terminal).flatMap((line) => line.split('\n'));
  return [
    `${terminal.style('bold', plain(title))}  ${terminal.style('dim', by)}`,
    ...body.map((line) => `  ${line}`),
  ].join('\n');
}

function requirements({
  summary,
  analysis,
  missing = [],
}: {
  summary: { requirements_count: number };
  analysis?: Record<string, unknown[]>;
  missing?: string[];
}) {
  const found = Object.entries(analysis ?? {}).filter(([, list]) => list.length > 0);
  return [
    plural(summary.requirements_count, 'requirement'),
    ...missing.map((each) => `missing: ${plain(String(each))}`),
    ...found.flatMap(([name, list]) =>
      list.map((each) => `${name}: ${plain(typeof each === 'string' ? each : JSON.stringify(each))}`),
    ),
  ];
}

function development({ message, outputs }: { message: string; outputs: { name: string; kind: string }[] }): string[] {
  return [plain(message), ...outputs.map(({ name, kind }) => `${kind}: ${plain(name)}`)];
}

interface TestReport {
  checks: { name: string; passed: boolean }[];
  bugs_found: { title: string; severity: string }[];
}

function checks(content: TestReport): string[] {
  const passed = content.checks.filter((check) => check.passed).length;
  return [
    `${passed} of ${plural(content.checks.length, 'check')} passed, ${plural(content.bugs_found.length, 'bug')} found`,
    ...content.bugs_found.map(({ title, severity }) => `${severity}: ${plain(title)}`),
  ];
}

interface Shown {
  kind: string;
  agent: string;
  content: unknown;
}

/** Its summary, then each artifact in full; without any, what the last agent has said. */
export function teamResult({ summary, artifacts, details }: TeamResult, terminal: Terminal): string[] {
  const last = details.steps?.slice(-1) as { task: string; agent: string; output: unknown }[] | undefined;
  const instead = last?.map(({ task, agent, output }): Shown => ({ kind: task, agent, content: output }));
  const shown = artifacts.length > 0 ? (artifacts as unknown as Shown[]) : (instead ?? []);
  return [
    plain(summary),
    ...shown.flatMap(({ kind, agent, content }) => [
      `${terminal.style('bold', plain(kind))}  ${terminal.style('dim', plain(agent))}`,
      ...memberLines(typeof content === 'object' && content !== null ? content : { value: content }).map(
        (line) => `  ${line}`,
      ),
    ]),
  ];
}

function finalReport({ summary, items, questions }: Report, terminal: Terminal): string[] {
  const columns: Column<Report['items'][number]>[] = [
    { title: 'ITEM', of: ({ title }) => title },
    { title: 'STATUS', of: ({ status }) => status, style: ({ status }) => (status === 'FAILED' ? 'red' : 'green') },
    { title: 'WORKER', of: ({ agent_target }) => agent_target },
  ];
  return [
    plain(summary),
    table(items, columns, terminal),
    ...questions.map(({ question_text, answer }) => `asked: ${plain(question_text)} ${JSON.stringify(answer)}`),
  ];
}

function values(content: Record<string, unknown>): string[] {
  return Object.entries(content)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => `${plain(name)}: ${plain(String(value))}`);
}
