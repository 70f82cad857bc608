/**
 * What is painted under and over the text of a PDF page.
 *
 * Owns: rectangles of one color, which is how tables get dark headers and how text is whited out. Pictures and other
 * shapes are not looked at: the page counts as white under them.
 */
import type { PageItem } from '../../machines/orders/document.ts';
import { apply, type Matrix } from './pdf-matrix.ts';
import { looksLike } from './styles.ts';

interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** RGB, null if it is not one color. */
  color: number | null;
}

export interface Paint {
  /** @param replaces hides what is under it */
  fill(path: ArrayLike<number>, matrix: Matrix, color: number | null, replaces: boolean): void;
  /** Whether a text in this color, with its baseline between two points, cannot be told from what is under it. */
  matches(color: number | null, x: number, y: number, endX: number, endY: number, sizePt: number): boolean;
}

const WHITE = 0xffffff;
/** Thinner ones are lines. */
const MIN_SIDE_PT = 4;
const MAX_RECTANGLES = 1_000;
/** How much of a text's height may stick out of what covers it. */
const SLACK = 0.25;

/** @param items that were collected so far, at any time */
export function createPaint(items: readonly PageItem[]): Paint {
  const rectangles: Rectangle[] = [];
  return {
    fill(path, matrix, color, replaces) {
      for (const rectangle of rectanglesOf(path, matrix, color)) {
        if (rectangles.length === MAX_RECTANGLES) return;
        rectangles.push(rectangle);
        if (!replaces || color === null) continue;
        for (const item of items) if (covers(rectangle, item)) item.hidden = true;
      }
    },
    matches(color, x, y, endX, endY, sizePt) {
      const [middleX, middleY] = [(x + endX) / 2, (y + endY) / 2 - sizePt / 3];
      const under = rectangles.findLast((rectangle) => contains(rectangle, middleX, middleY));
      return looksLike(color, under ? under.color : WHITE);
    },
  };
}

function contains({ left, top, right, bottom }: Rectangle, x: number, y: number): boolean {
  return x >= left && x <= right && y >= top && y <= bottom;
}

function covers(rectangle: Rectangle, { x, y, w, h }: PageItem): boolean {
  const slack = h * SLACK;
  return contains(rectangle, x + slack, y + slack) && contains(rectangle, x + w - slack, y + h - slack);
}

/** Numbers of a rectangle in a path: a move, three or four lines, a close; each is followed by a point but the last. */
const RECTANGLE_NUMBERS = 13;
const [MOVE, LINE, CLOSE] = [0, 1, 4];

function* rectanglesOf(path: ArrayLike<number>, matrix: Matrix, color: number | null): Generator<Rectangle> {
  for (let at = 0; at + RECTANGLE_NUMBERS <= path.length; at += RECTANGLE_NUMBERS) {
    const numbers = Array.from({ length: RECTANGLE_NUMBERS }, (_, i) => path[at + i] as number);
    const [move, x1, y1, a, x2, y2, b, x3, y3, c, x4, y4, close] = numbers as [number, ...number[]] & number[];
    if (move !== MOVE || a !== LINE || b !== LINE || c !== LINE || close !== CLOSE) return;
    const corners = [apply(matrix, x1 ?? 0, y1 ?? 0), apply(matrix, x3 ?? 0, y3 ?? 0)] as const;
    const isUpright = (x1 === x4 && y1 === y2 && x2 === x3 && y3 === y4) || (x1 === x2 && y2 === y3 && x3 === x4);
    const isTurned = matrix[1] !== 0 && matrix[0] !== 0;
    if (!isUpright || isTurned) continue;
    const [[ax, ay], [bx, by]] = corners;
    const [left, right, top, bottom] = [Math.min(ax, bx), Math.max(ax, bx), Math.min(ay, by), Math.max(ay, by)];
    if (right - left >= MIN_SIDE_PT && bottom - top >= MIN_SIDE_PT) yield { left, top, right, bottom, color };
  }
}
