/**
 * What a report for people says, whatever it is written as.
 *
 * Owns: putting together what a project knows of itself: the quality of its input first, then findings, figures and
 * tables. Pure: the same sources give the same report.
 */
import { type Contents, type Finding, findingsOf } from '../../machines/formulas/findings.ts';
import { listAt, textAt } from '../../machines/formulas/findings-reading.ts';
import { counted } from '../../machines/formulas/numbers.ts';
import { activityTables } from './activity-tables.ts';
import { inputFacts, inputTable } from './input-tables.ts';
import { type KeyFigure, keyFigures } from './key-figures.ts';
import type { ReportTable } from './report-table.ts';
import { workTables } from './work-tables.ts';

/** What a report is made of, as it is stored. */
export interface ReportSources {
  project: { id: string; name: string; description: string; status: string; created_at: string; updated_at: string };
  items: readonly { title: string; agent_target: string; status: string }[];
  /** Of the analytic deliverables, by type. */
  contents: Contents;
  /** An `InputReport` or `InputSummary`; null when nothing is known of the input. */
  input: unknown;
  /** What was planned and is not there, in sentences. */
  missing: readonly string[];
  /** What a model said about the findings; null when none did. */
  analysis: unknown;
}

export interface ReportModel {
  title: string;
  project: ReportSources['project'];
  /** True while the project goes on: figures may be added. */
  preliminary: boolean;
  /** First finding, about the input; null when there is none. */
  quality: string | null;
  /** Name → value, about how the file was read. */
  inputFacts: readonly (readonly [name: string, value: string])[];
  warnings: readonly string[];
  /** What amounts rest on when minutes are estimated; null when none are. */
  estimateNote: string | null;
  missing: readonly string[];
  /** Without the first one. */
  findings: readonly Finding[];
  figures: readonly KeyFigure[];
  tables: readonly ReportTable[];
  /** What a model said, by kind; empty when it said nothing. */
  remarks: readonly { heading: string; sentences: readonly string[] }[];
  /** Charts read them; tables show the same numbers. */
  contents: Contents;
}

const FINAL: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'STOPPED']);
const MAX_WARNINGS = 50;

export function reportModel(sources: ReportSources): ReportModel {
  const { project, contents, input, missing, analysis } = sources;
  const [first, ...findings] = findingsOf(contents, input ?? undefined);
  const inferred = Object.values(contents).find((content) => content?.inferred !== undefined)?.inferred;
  return {
    title: project.name,
    project,
    preliminary: !FINAL.has(project.status),
    quality: first?.sentence ?? null,
    inputFacts: inputFacts(input),
    warnings: listAt(input, 'warnings')
      .filter((warning) => typeof warning === 'string')
      .slice(0, MAX_WARNINGS),
    estimateNote: textAt(inferred, 'label'),
    missing,
    findings,
    figures: keyFigures(contents),
    tables: [...activityTables(contents), ...workTables(contents), inputTable(input), itemTable(sources)],
    remarks: remarksOf(analysis),
    contents,
  };
}

const REMARKS: readonly (readonly [key: string, heading: string])[] = [
  ['items', 'To do or decide'],
  ['assumptions', 'Assumptions'],
  ['open_questions', 'Open questions'],
];
const MAX_REMARKS = 20;

function remarksOf(analysis: unknown): ReportModel['remarks'] {
  return REMARKS.map(([key, heading]) => ({
    heading,
    sentences: listAt(analysis, key)
      .filter((sentence) => typeof sentence === 'string')
      .slice(0, MAX_REMARKS),
  })).filter(({ sentences }) => sentences.length > 0);
}

const MAX_ITEMS = 200;

function itemTable({ items }: ReportSources): ReportTable {
  const shown = items.slice(0, MAX_ITEMS);
  const left = items.length - shown.length;
  return {
    sheet: 'Items',
    title: 'What was done',
    caption: 'Items of the project’s plan with their workers and how they ended',
    columns: [
      { title: 'Item', kind: 'text', width: 40 },
      { title: 'Status', kind: 'text', width: 14 },
      { title: 'Worker', kind: 'text', width: 24 },
    ],
    rows: shown.map(({ title, status, agent_target }) => [title, status, agent_target]),
    notes: left > 0 ? [`${counted(left, 'more item')} not shown.`] : [],
  };
}
