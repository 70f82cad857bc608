/**
 * The graphics state of a PDF page, as far as it says where a text stands and whether anyone can see it.
 *
 * Owns: its parts and their first values, and whether a text is painted at all.
 */
import type { Matrix } from './pdf-matrix.ts';

export interface State {
  /** To the page as it is shown, origin top left. */
  matrix: Matrix;
  /** RGB; null if it is a pattern or not known; {@link TRANSPARENT}. */
  fill: number | null;
  stroke: number | null;
  fillAlpha: number;
  strokeAlpha: number;
  /** Painting replaces what is under it. */
  replaces: boolean;
  /** Inside what only shapes other content. */
  isMask: boolean;
  /** What nothing is shown outside of: equal for equal boxes. */
  clip: string;
  /** How text is rendered. */
  mode: number;
  font: Font;
  sizePt: number;
  charSpacing: number;
  wordSpacing: number;
  /** Of the widths of glyphs; 1 = as they are. */
  scale: number;
  rise: number;
  leading: number;
}

/** As the library gives it. */
export interface Font {
  fontMatrix?: readonly number[];
}

const BLACK = 0;
export const TRANSPARENT = -1;

export function firstState(matrix: Matrix): State {
  return {
    ...{ matrix, fill: BLACK, stroke: BLACK, fillAlpha: 1, strokeAlpha: 1, replaces: true, isMask: false },
    ...{ clip: '', mode: 0, font: {}, sizePt: 0, charSpacing: 0, wordSpacing: 0, scale: 1, rise: 0, leading: 0 },
  };
}

/** Of the modes of rendering text: neither filled nor stroked, and stroked alone. Four more add clipping. */
const INVISIBLE = 3;
const STROKED = 1;
const MODES = 4;
/** Fainter is not seen. */
export const MIN_ALPHA = 0.05;

/** Whether text is painted at all. */
export function isInked(state: State): boolean {
  const mode = state.mode % MODES;
  const alpha = mode === STROKED ? state.strokeAlpha : state.fillAlpha;
  return mode !== INVISIBLE && alpha >= MIN_ALPHA && inkOf(state) !== TRANSPARENT;
}

/** The color of text. */
export function inkOf({ mode, fill, stroke }: State): number | null {
  return mode % MODES === STROKED ? stroke : fill;
}

/** The color of a shape that is filled; null if it is not known, undefined if nothing is painted. */
export function fillOf({ fill, fillAlpha, isMask }: State): number | null | undefined {
  if (isMask || fillAlpha < MIN_ALPHA || fill === TRANSPARENT) return undefined;
  return fillAlpha < 1 ? null : fill;
}

/** RGB of `#rrggbb`. */
export function colorOf(color: unknown): number | null {
  const digits = typeof color === 'string' ? /^#([0-9a-f]{6})$/i.exec(color)?.[1] : undefined;
  return digits === undefined ? null : Number.parseInt(digits, 16);
}
