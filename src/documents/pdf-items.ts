/**
 * Glyphs of a PDF page as runs of text.
 *
 * Owns: where a run begins and ends. Words of one operator that stand as far apart as words do are one run. What is
 * further apart, or shown by itself without a blank before it, may be another cell, so it is another run.
 */
import type { PageItem } from '../../machines/orders/document.ts';

/** Points of the page, origin top left; from the start of its baseline to the end. */
export interface Glyph {
  text: string;
  x: number;
  y: number;
  endX: number;
  endY: number;
  sizePt: number;
  hidden: boolean;
  /** Number of the operator that shows it. */
  operator: number;
  /** The box that it is cut to, of a table's cell for example. */
  clip: string;
}

export interface ItemCollector {
  /** Without the run that is going on. */
  items: readonly PageItem[];
  add(glyph: Glyph): void;
  /** Ends the run that is going on. */
  close(): void;
  finish(): readonly PageItem[];
}

/** In sizes of the font: closer than this belongs together, up to that far is a blank, beyond another run. */
const JOINED = 0.12;
const BLANK = 0.5;
/** With a blank written between them, words may be this far apart; less if another operator shows the second. */
const WRITTEN_BLANK = 1;
const WRITTEN_BLANK_BETWEEN = 0.7;
/** Text may go back as far without being another run: kerning. */
const MAX_BACK = 0.3;
/** What another operator shows further back is text of another cell that is too narrow for the one before. */
const MAX_BACK_BETWEEN = 0.2;
const MAX_OFF_BASELINE = 0.2;
/** Text written twice this close, in sizes of the font, is a way to make it bold. */
const SAME_PLACE = 0.2;

interface Run {
  first: Glyph;
  last: Glyph;
  text: string;
  /** Blanks written after it. */
  blanks: number;
}

export function createItemCollector(): ItemCollector {
  const items: PageItem[] = [];
  const lastByText = new Map<string, PageItem>();
  let run: Run | null = null;

  function close(): void {
    if (run) {
      const item = itemOf(run);
      const before = lastByText.get(item.text);
      if (!before || !isSamePlace(before, item)) {
        items.push(item);
        lastByText.set(item.text, item);
      } else if (!item.hidden) before.hidden = false;
    }
    run = null;
  }

  return {
    items,
    close,
    add(glyph) {
      const text = clean(glyph.text);
      if (text === '') return;
      if (run && isTorn(run, glyph)) for (const part of [run.first, run.last]) part.hidden = true;
      if (text.trim() === '') {
        if (run) run.blanks += 1;
        return;
      }
      const between = run && separator(run, glyph);
      if (run && between !== null) {
        run.text += between + text;
        run.last = glyph;
        run.blanks = 0;
      } else {
        close();
        run = { first: glyph, last: glyph, text, blanks: 0 };
      }
    },
    finish() {
      close();
      return items;
    },
  };
}

/** What stands between a run and a glyph that goes on with it; null if it does not. */
function separator({ first, last, blanks }: Run, glyph: Glyph): string | null {
  if (glyph.hidden !== first.hidden || glyph.clip !== last.clip) return null;
  if (Math.abs(glyph.sizePt - last.sizePt) > last.sizePt / 2) return null;
  const [alongX, alongY] = directionOf(last);
  const [dx, dy] = [glyph.x - last.endX, glyph.y - last.endY];
  const gap = (dx * alongX + dy * alongY) / last.sizePt;
  const off = Math.abs(dx * alongY - dy * alongX) / last.sizePt;
  const together = glyph.operator === last.operator;
  const back = together ? MAX_BACK : MAX_BACK_BETWEEN;
  if (!(off <= MAX_OFF_BASELINE && gap >= -back) || blanks > 1) return null;
  if (blanks === 1) return gap <= (together ? WRITTEN_BLANK : WRITTEN_BLANK_BETWEEN) ? ' ' : null;
  if (gap <= JOINED) return '';
  return together && gap <= BLANK ? ' ' : null;
}

/** Whether a word goes on where nobody sees it: the part that is seen says something else, `2` of `2,87`. */
function isTorn({ first, last, text, blanks }: Run, glyph: Glyph): boolean {
  const goesOn = glyph.operator === last.operator && blanks === 0 && glyph.text.trim() !== '';
  return goesOn && glyph.hidden && !first.hidden && !text.includes(' ');
}

function directionOf({ x, y, endX, endY }: Glyph): [number, number] {
  const length = Math.hypot(endX - x, endY - y);
  return length === 0 ? [1, 0] : [(endX - x) / length, (endY - y) / length];
}

/** The box of a run: of upright text from its baseline up. */
function itemOf({ first, last, text }: Run): PageItem {
  const [alongX, alongY] = directionOf(first);
  const [upX, upY] = [alongY * first.sizePt, -alongX * first.sizePt];
  const xs = [first.x, last.endX, first.x + upX, last.endX + upX];
  const ys = [first.y, last.endY, first.y + upY, last.endY + upY];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const [w, h] = [Math.max(...xs) - x, Math.max(...ys) - y];
  return { text, x: round(x), y: round(y), w: round(w), h: round(h), hidden: first.hidden };
}

function isSamePlace(a: PageItem, b: PageItem): boolean {
  const near = SAME_PLACE * a.h;
  return Math.abs(a.x - b.x) < near && Math.abs(a.y - b.y) < near;
}

/** Hundredths of a point are more than anyone can see. */
function round(points: number): number {
  return Number.isFinite(points) ? Math.round(points * 100) / 100 : 0;
}

const LIGATURES = /[\ufb00-\ufb06]/g;

function clean(text: string): string {
  return text.replace(LIGATURES, (ligature) => ligature.normalize('NFKC')).replace(/[\p{Cc}\u00ad]/gu, '');
}
