/**
 * A report as one HTML file: no script, no request to anywhere, printable.
 *
 * Owns: the order of what is told. The quality of the input comes first, then what is missing, then findings, figures
 * and tables.
 */
import { at, listAt, numberAt, textAt } from '../../machines/formulas/findings-reading.ts';
import { counted } from '../../machines/formulas/numbers.ts';
import { barChart, columnChart, paretoChart, rangeChart } from './charts.ts';
import { htmlTable } from './html-table.ts';
import { cellText, escaped, numberText } from './html-text.ts';
import { READING } from './input-tables.ts';
import type { ReportModel } from './report-model.ts';
import { REPORT_STYLE } from './report-style.ts';
import type { ReportTable } from './report-table.ts';

export function reportHtml(model: ReportModel): string {
  const body = [
    heading(model),
    quality(model),
    missing(model),
    findings(model),
    figures(model),
    time(model),
    overTime(model),
    work(model),
    savings(model),
    remarks(model),
    reading(model),
    footer(model),
  ];
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">' +
    `<meta name="robots" content="noindex"><title>${escaped(model.title)} – activity analysis</title>` +
    `<style>${REPORT_STYLE}</style></head><body>${body.join('\n')}</body></html>\n`
  );
}

const section = (title: string, inner: string, kind = ''): string =>
  inner === '' ? '' : `<section${kind && ` class="${kind}"`}><h2>${escaped(title)}</h2>${inner}</section>`;

const callout = (inner: string): string => `<div class="callout" role="note">${inner}</div>`;
const listOf = (sentences: readonly string[]): string =>
  `<ul>${sentences.map((sentence) => `<li>${escaped(sentence)}</li>`).join('')}</ul>`;
const chart = (inner: string, caption: string): string =>
  inner === '' ? '' : `<figure>${inner}<figcaption>${escaped(caption)}</figcaption></figure>`;

const DATE_LENGTH = '2026-01-15'.length;

function heading({ title, project, preliminary }: ReportModel): string {
  const { description, status, updated_at, id } = project;
  return (
    `<header><p class="eyebrow">Activity analysis</p><h1>${escaped(title)}</h1>` +
    `${description === title || description === '' ? '' : `<p>${escaped(description)}</p>`}` +
    `<p class="meta">As of ${escaped(updated_at.slice(0, DATE_LENGTH))} · ${escaped(status)} · project ${escaped(id)}</p>` +
    `${preliminary ? callout(`<p><strong>Preliminary.</strong> The project is ${escaped(status)}; this is what is there so far.</p>`) : ''}</header>`
  );
}

function quality({ quality: sentence, estimateNote, inputFacts, warnings }: ReportModel): string {
  if (sentence === null && inputFacts.length === 0 && warnings.length === 0) return '';
  const facts = inputFacts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`);
  return section(
    'How good the input is',
    [
      sentence === null ? '' : `<p class="lead">${escaped(sentence)}</p>`,
      estimateNote === null ? '' : callout(`<p><strong>Estimates.</strong> ${escaped(estimateNote)}</p>`),
      warnings.length === 0
        ? ''
        : callout(`<p><strong>${counted(warnings.length, 'warning')}</strong></p>${listOf(warnings)}`),
      facts.length === 0 ? '' : `<dl class="facts">${facts.join('')}</dl>`,
    ].join(''),
  );
}

const missing = ({ missing: sentences }: ReportModel): string =>
  sentences.length === 0 ? '' : section('What is missing', callout(listOf(sentences)));

function findings({ findings: list }: ReportModel): string {
  const items = list.map(
    ({ sentence, source }) => `<li>${escaped(sentence)} <span class="source">Source: ${escaped(source)}</span></li>`,
  );
  return section('Findings', items.length === 0 ? '' : `<ol class="findings">${items.join('')}</ol>`);
}

function figures({ figures: list }: ReportModel): string {
  const cards = list.map(
    ({ label, value, kind, basis, estimated }) =>
      `<li><span class="label">${escaped(label)}</span><span class="value">${estimated ? '≈ ' : ''}${numberText(value, kind)}</span>` +
      `<span class="basis">${escaped(basis)}</span></li>`,
  );
  return section('Key figures', cards.length === 0 ? '' : `<ul class="figures">${cards.join('')}</ul>`);
}

const tableOf = ({ tables }: ReportModel, sheet: string): ReportTable | undefined =>
  tables.find((table) => table.sheet === sheet);

/** Heading, chart and table; nothing when the file does not say it. */
function block(model: ReportModel, sheet: string, { figure = '', keepEmpty = false, rows = 15 } = {}): string {
  const table = tableOf(model, sheet);
  if (!table || (table.rows.length === 0 && !keepEmpty)) return '';
  return `<h3>${escaped(table.title)}</h3>${figure}${htmlTable(table, rows)}`;
}

/** A bar per row: the first column is the label, the second hours, the fourth the share. */
function barsOf(model: ReportModel, sheet: string): string {
  const table = tableOf(model, sheet);
  const rows = table?.rows ?? [];
  if (!table || rows.length < 2) return '';
  const bars = rows.map(([name, hours, , share]) => ({
    label: String(name ?? ''),
    value: Number(hours ?? 0),
    told: `${cellText(hours ?? null, 'hours')} h · ${cellText(share ?? null, 'percent')}`,
  }));
  const more = rows.length > 12 ? ', the first 12' : '';
  return chart(
    barChart(`Hours by ${(table.columns[0]?.title ?? '').toLowerCase()}`, bars),
    `Hours and share of the time${more}`,
  );
}

function time(model: ReportModel): string {
  const inner = ['Categories', 'Activities', 'People', 'Projects'].map((sheet) =>
    block(model, sheet, {
      figure: sheet === 'Activities' ? '' : barsOf(model, sheet),
      keepEmpty: sheet === 'Categories',
    }),
  );
  return section('Where the time goes', model.contents.time_waste_analysis === undefined ? '' : inner.join(''), 'page');
}

/** Weeks tell more than months while there are few months. */
const WEEKS_UP_TO_MONTHS = 4;
const MAX_COLUMNS = 60;
const MAX_MONTHS = 24;

function overTime(model: ReportModel): string {
  const content = model.contents.time_waste_analysis;
  const months = listAt(content, 'trend', 'months');
  if (months.length === 0) return '';
  const isWeekly = months.length <= WEEKS_UP_TO_MONTHS;
  const key = isWeekly ? 'week' : 'month';
  const points = (isWeekly ? listAt(content, 'trend', 'weeks') : months)
    .slice(-MAX_COLUMNS)
    .map((point) => ({ label: textAt(point, key) ?? '', value: numberAt(point, 'hours') ?? 0 }));
  const table = tableOf(model, 'Trend');
  const newest = table?.rows.slice(0, months.length).slice(-MAX_MONTHS) ?? [];
  const left = months.length - newest.length;
  const notes = left > 0 ? [`${counted(left, 'earlier month')} in the workbook and the CSV.`] : [];
  const monthly = table && { ...table, rows: newest, notes: [...notes, ...table.notes] };
  const figure = chart(
    columnChart(`Hours per ${key}`, points, 'hours'),
    `Hours per ${isWeekly ? 'ISO week' : 'month'} with rows in the file`,
  );
  return section('How it changes', figure + (monthly ? htmlTable(monthly, MAX_MONTHS) : ''));
}

const PARETO_GROUPS = 12;

function work(model: ReportModel): string {
  const content = model.contents.friction_analysis;
  if (content === undefined) return '';
  let sum = 0;
  const points = listAt(content, 'similar_clusters')
    .slice(0, PARETO_GROUPS)
    .map((cluster, index) => {
      sum += numberAt(cluster, 'share_percent') ?? 0;
      return { label: String(index + 1), value: numberAt(cluster, 'hours') ?? 0, cumulative: sum };
    });
  const pareto = chart(
    paretoChart('Time in groups of similar work', points),
    'Hours per group in the order of the table below; the line is their cumulative share of all time',
  );
  const inner = [
    block(model, 'Similar', { figure: pareto, keepEmpty: true, rows: 15 }),
    block(model, 'Recurring', { rows: 10, keepEmpty: true }),
    block(model, 'Fragmentation'),
    block(model, 'Process'),
  ];
  return section('What recurs', inner.join(''), 'page');
}

function savings(model: ReportModel): string {
  const content = model.contents.with_agent_scenario;
  if (content === undefined) return '';
  const bounds = ['low', 'base', 'high'].flatMap((name) => {
    const bound = at(content, 'range', name);
    const hours = numberAt(bound, 'recovered_hours');
    const cost = numberAt(bound, 'recovered_monthly_cost');
    if (hours === null || cost === null) return [];
    return [{ name, hours, told: `${numberText(hours, 'hours')} h · worth ${numberText(cost, 'money')}` }];
  });
  const figure = chart(
    rangeChart('Hours that could be saved, low to high', bounds, numberAt(content, 'total_hours') ?? 0),
    'Part of the file’s hours under each assumption',
  );
  const table = tableOf(model, 'Scenario');
  return section('What could be saved', figure + (table ? htmlTable(table, 3) : ''));
}

const remarks = ({ remarks: list }: ReportModel): string =>
  section(
    'Remarks of a language model',
    list.length === 0
      ? ''
      : '<p class="note">Written by a language model from the findings above; its sentences are not computed.</p>' +
          list.map(({ heading: title, sentences }) => `<h3>${escaped(title)}</h3>${listOf(sentences)}`).join(''),
  );

function reading(model: ReportModel): string {
  // The facts of the reading stand at the top of the page.
  const tables = model.tables.map((table) =>
    table.sheet === 'Input' ? { ...table, rows: table.rows.filter(([kind]) => kind !== READING) } : table,
  );
  const inner = ['Input', 'Items'].map((sheet) => block({ ...model, tables }, sheet, { rows: 60 }));
  return section('How this came about', inner.join(''));
}

const footer = ({ project }: ReportModel): string =>
  `<footer class="note"><p>Figures are computed from the rows of the file by fixed formulas, without a language model. ` +
  `Amounts have no currency: rates come without one. Figures that are not labelled “per month” take the whole file for one month.</p>` +
  `<p>Project ${escaped(project.id)}, created ${escaped(project.created_at.slice(0, DATE_LENGTH))}.</p></footer>`;
