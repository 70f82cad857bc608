/**
 * Charts as inline SVG.
 *
 * Owns: geometry and the words for those who cannot see it. Colors are classes of the page's style sheet, so that they
 * follow light, dark and print. Numbers shown are those of the tables below the charts.
 */
import { cutText, escaped, numberText } from './html-text.ts';

const WIDTH = 720;
const ROW = 26;
const LABEL_WIDTH = 210;
const VALUE_WIDTH = 130;
const LABEL_CODE_POINTS = 32;
const MAX_BARS = 12;

export interface Bar {
  label: string;
  value: number;
  /** Text at the end of the bar. */
  told: string;
}

/** Inner part of a chart with its title and description. */
function svg(height: number, title: string, description: string, inner: string): string {
  return (
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(`${title}. ${description}`)}" ` +
    `preserveAspectRatio="xMinYMin meet"><title>${escaped(title)}</title><desc>${escaped(description)}</desc>${inner}</svg>`
  );
}

const round = (value: number): number => Math.round(value * 10) / 10;

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${round(x)}" y="${round(y)}"${more}>${content}</text>`;

const rect = (x: number, y: number, width: number, height: number, kind: string): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(Math.max(0, height))}" rx="2" class="${kind}"/>`;

const line = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`;

/** Horizontal bars, the longest first; '' when there is nothing to compare. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const shown = bars.slice(0, MAX_BARS);
  if (shown.length === 0) return '';
  const most = Math.max(...shown.map(({ value }) => value), Number.MIN_VALUE);
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const inner = shown.map(({ label, value, told }, at) => {
    const y = at * ROW + 4;
    const width = (value / most) * room;
    return (
      text(LABEL_WIDTH - 10, y + 14, cutText(label, LABEL_CODE_POINTS), ' text-anchor="end"') +
      rect(LABEL_WIDTH, y, Math.max(1, width), ROW - 8, 'bar') +
      text(LABEL_WIDTH + width + 8, y + 14, escaped(told), ' class="figure"')
    );
  });
  const description = shown.map(({ label, told }) => `${label}: ${told}`).join('; ');
  return svg(shown.length * ROW + 4, title, description, inner.join(''));
}

export interface Point {
  label: string;
  value: number;
}

const PLOT = { left: 56, right: WIDTH - 8, top: 14, bottom: 200, height: 236 } as const;
const MAX_LABELS = 13;

/** Columns over time. */
export function columnChart(title: string, points: readonly Point[], unit: string): string {
  if (points.length === 0) return '';
  const scale = scaleOf(Math.max(...points.map(({ value }) => value)));
  const step = (PLOT.right - PLOT.left) / points.length;
  const width = Math.min(44, step * 0.72);
  const every = Math.ceil(points.length / MAX_LABELS);
  const columns = points.map(({ label, value }, at) => {
    const x = PLOT.left + step * (at + 0.5);
    const y = scale.y(value);
    return (
      rect(x - width / 2, y, width, PLOT.bottom - y, 'bar') +
      (at % every === 0 ? text(x, PLOT.bottom + 18, escaped(label), ' text-anchor="middle"') : '')
    );
  });
  const description = `${unit} from ${points[0]?.label} to ${points.at(-1)?.label}, highest ${numberText(Math.max(...points.map(({ value }) => value)), 'hours')}`;
  return svg(PLOT.height, title, description, gridOf(scale, unit) + columns.join(''));
}

interface Scale {
  ticks: readonly number[];
  y(value: number): number;
}

/** Round steps, four or five of them. */
function scaleOf(most: number): Scale {
  const rough = Math.max(most, Number.MIN_VALUE * 1e10) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.max(1, Math.ceil(most / step));
  const top = count * step;
  return {
    ticks: Array.from({ length: count + 1 }, (_, at) => at * step),
    y: (value) => PLOT.bottom - (value / top) * (PLOT.bottom - PLOT.top),
  };
}

const gridOf = ({ ticks, y }: Scale, unit: string): string =>
  ticks
    .map(
      (tick) =>
        line(PLOT.left, y(tick), PLOT.right, y(tick), 'grid') +
        text(PLOT.left - 8, y(tick) + 4, numberText(tick, 'number'), ' text-anchor="end"'),
    )
    .join('') + text(PLOT.left, PLOT.top - 4, escaped(unit), ' class="unit"');

/** Columns, most first, with the line of what they are together. @param cumulative percent of all time */
export function paretoChart(title: string, points: readonly (Point & { cumulative: number })[]): string {
  if (points.length < 2) return '';
  const right = WIDTH - 48;
  const scale = scaleOf(Math.max(...points.map(({ value }) => value)));
  const step = (right - PLOT.left) / points.length;
  const yPercent = (percent: number): number => PLOT.bottom - (Math.min(100, percent) / 100) * (PLOT.bottom - PLOT.top);
  const columns = points.map(({ label, value }, at) => {
    const x = PLOT.left + step * (at + 0.5);
    return (
      rect(x - step * 0.36, scale.y(value), step * 0.72, PLOT.bottom - scale.y(value), 'bar') +
      text(x, PLOT.bottom + 18, escaped(label), ' text-anchor="middle"')
    );
  });
  const marks = points.map(({ cumulative }, at) => [PLOT.left + step * (at + 0.5), yPercent(cumulative)] as const);
  const path = `<polyline points="${marks.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}" class="line"/>`;
  const dots = marks.map(([x, y]) => `<circle cx="${round(x)}" cy="${round(y)}" r="3" class="dot"/>`).join('');
  const axis = [0, 25, 50, 75, 100].map((percent) => text(right + 8, yPercent(percent) + 4, `${percent} %`)).join('');
  const last = points.at(-1)?.cumulative ?? 0;
  const description = `The first ${points.length} groups take ${numberText(last, 'percent')} of the time; columns are hours, the line is the cumulative share`;
  return svg(
    PLOT.height,
    title,
    description,
    gridOf(scale, 'hours').replaceAll(`x2="${PLOT.right}"`, `x2="${right}"`) + columns.join('') + path + dots + axis,
  );
}

export interface Bound {
  name: string;
  hours: number;
  told: string;
}

/** Low, base and high on one scale that begins at nothing. */
export function rangeChart(title: string, bounds: readonly Bound[], totalHours: number): string {
  const [low, , high] = bounds;
  if (!low || !high || totalHours <= 0) return '';
  const left = 70;
  const room = WIDTH - left - 240;
  const x = (hours: number): number => left + (hours / totalHours) * room;
  const inner = bounds.map(({ name, hours, told }, at) => {
    const y = at * 34 + 8;
    return (
      text(left - 10, y + 15, escaped(name), ' text-anchor="end"') +
      rect(left, y, room, 20, 'track') +
      rect(left, y, x(hours) - left, 20, at === 1 ? 'bar' : 'bar-soft') +
      text(left + room + 10, y + 15, escaped(told), ' class="figure"')
    );
  });
  const scale =
    text(left, 124, '0', '') +
    text(left + room, 124, `all ${numberText(totalHours, 'hours')} hours`, ' text-anchor="end"');
  const description = bounds.map(({ name, told }) => `${name}: ${told}`).join('; ');
  return svg(132, title, description, inner.join('') + scale);
}
