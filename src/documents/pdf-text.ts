/**
 * The text that the operators of a PDF page show, glyph by glyph.
 *
 * Owns: what each operator does to the graphics state (`pdf-state.ts`), and where each glyph stands. Does not own: what
 * makes a run of text (`pdf-items.ts`), what lies under and over it (`pdf-paint.ts`).
 */
import { type getDocumentProxy, getResolvedPDFJS } from 'unpdf';
import type { Page } from '../../machines/orders/document.ts';
import { createItemCollector, type Glyph } from './pdf-items.ts';
import { apply, IDENTITY, type Matrix, times } from './pdf-matrix.ts';
import { createPaint } from './pdf-paint.ts';
import { colorOf, fillOf, firstState, inkOf, isInked, type State, TRANSPARENT } from './pdf-state.ts';

type PdfPage = Awaited<ReturnType<Awaited<ReturnType<typeof getDocumentProxy>>['getPage']>>;
/** Tells which layers are shown. */
type Layers = { isVisible(group: unknown): boolean } | null;

/** As the library gives it. */
interface SourceGlyph {
  unicode: string;
  width: number;
  isSpace: boolean;
}

const MIN_SIZE_PT = 1;

// biome-ignore lint/suspicious/noExplicitAny: each operator has arguments of its own
type Arguments = any;

/** Rejects if the page is damaged beyond reading. */
export async function readPageText(page: PdfPage, layers: Layers): Promise<Omit<Page, 'number'>> {
  const { width, height, transform } = page.getViewport({ scale: 1 });
  const { OPS } = await getResolvedPDFJS();
  const operators = await page.getOperatorList();
  const base = transform as unknown as Matrix;
  const items = createItemCollector();
  const paint = createPaint(items.items);
  const saved: State[] = [];
  let state = firstState(base);
  let text = { matrix: IDENTITY, x: 0, y: 0, lineX: 0, lineY: 0 };
  /** Whether each layer that is open is shown. */
  const shown: boolean[] = [];
  let hiddenLayers = 0;
  let operator = 0;
  /** The next path clips. */
  let clips = false;

  function save(): void {
    saved.push({ ...state });
  }
  function restore(): void {
    state = saved.pop() ?? state;
  }
  function moveText(x: number, y: number): void {
    text.lineX += x;
    text.lineY += y;
    text.x = text.lineX;
    text.y = text.lineY;
  }
  function openLayer(isShown: boolean): void {
    shown.push(isShown);
    if (!isShown) hiddenLayers += 1;
  }

  function showText(glyphs: readonly (SourceGlyph | number | null)[]): void {
    const { font, scale, charSpacing, wordSpacing, rise } = state;
    const matrix = times(state.matrix, text.matrix);
    const size = Math.abs(state.sizePt);
    const direction = Math.sign(state.sizePt) || 1;
    const perUnit = size * Math.abs(font.fontMatrix?.[0] ?? 0.001);
    const [, , c, d] = matrix;
    const shownSizePt = size * Math.hypot(c, d);
    const unseen = state.isMask || hiddenLayers > 0 || shownSizePt < MIN_SIZE_PT || !isInked(state);
    for (const glyph of glyphs) {
      if (typeof glyph === 'number') text.x -= ((glyph * size) / 1000) * scale * direction;
      if (glyph === null || typeof glyph === 'number') continue;
      // Letters set apart are still one word.
      const advance = glyph.width * perUnit * scale * direction + charSpacing * scale;
      const [x, y] = apply(matrix, text.x, text.y + rise);
      const [endX, endY] = apply(matrix, text.x + advance, text.y + rise);
      const shownGlyph: Glyph = {
        text: glyph.unicode,
        x,
        y,
        endX,
        endY,
        sizePt: shownSizePt,
        hidden: unseen,
        operator,
        clip: state.clip,
      };
      if (!unseen)
        shownGlyph.hidden = isOutside(shownGlyph) || paint.matches(inkOf(state), x, y, endX, endY, shownSizePt);
      items.add(shownGlyph);
      text.x += advance + (glyph.isSpace ? wordSpacing : 0) * scale;
    }
  }

  function isOutside({ x, y, endX, endY, sizePt }: Glyph): boolean {
    const [middleX, middleY] = [(x + endX) / 2, (y + endY) / 2];
    return middleX < 0 || middleX > width || middleY < 0 || middleY - sizePt > height;
  }

  function drawPath([kind, [path], box]: [number, [ArrayLike<number>?], ArrayLike<number>?]): void {
    if (clips) state.clip = `${Array.from(box ?? [], Math.round)} ${state.matrix.map(Math.round)}`;
    clips = false;
    if (!FILLING.has(kind) || !path || hiddenLayers > 0) return;
    const color = fillOf(state);
    if (color === undefined) return;
    items.close();
    paint.fill(path, state.matrix, color, state.replaces && state.fillAlpha === 1);
  }
  const FILLING = new Set([OPS.fill, OPS.eoFill, OPS.fillStroke, OPS.eoFillStroke, OPS.closeFillStroke]);
  FILLING.add(OPS.closeEOFillStroke);

  function clipNext(): void {
    clips = true;
  }

  function setGraphicsState(settings: readonly (readonly [string, Arguments])[]): void {
    for (const [name, value] of settings) {
      if (name === 'ca') state.fillAlpha = value;
      else if (name === 'CA') state.strokeAlpha = value;
      else if (name === 'BM') state.replaces = value === 'source-over' || value === 'normal';
      else if (name === 'Font') setFont(value[0], value[1]);
    }
  }

  function setFont(name: string, sizePt: number): void {
    state.sizePt = sizePt;
    state.font = page.commonObjs.has(name) ? page.commonObjs.get(name) : {};
  }

  const perform: Record<number, (args: Arguments) => void> = {
    [OPS.save]: save,
    [OPS.restore]: restore,
    [OPS.transform]: (args) => {
      state.matrix = times(state.matrix, args);
    },
    [OPS.paintFormXObjectBegin]: ([matrix]) => {
      save();
      if (matrix) state.matrix = times(state.matrix, matrix);
    },
    [OPS.paintFormXObjectEnd]: restore,
    [OPS.beginGroup]: ([group]) => {
      save();
      if (group?.smask) state.isMask = true;
    },
    [OPS.endGroup]: restore,
    [OPS.beginAnnotation]: ([, , transform, matrix]) => {
      save();
      state = firstState(times(times(base, transform), matrix));
    },
    [OPS.endAnnotation]: restore,
    [OPS.beginMarkedContent]: () => openLayer(true),
    [OPS.beginMarkedContentProps]: ([tag, group]) => openLayer(tag !== 'OC' || isShown(layers, group)),
    [OPS.endMarkedContent]: () => {
      if (shown.pop() === false) hiddenLayers -= 1;
    },
    [OPS.setGState]: ([settings]) => setGraphicsState(settings),
    [OPS.setFillRGBColor]: ([color]) => {
      state.fill = colorOf(color);
    },
    [OPS.setStrokeRGBColor]: ([color]) => {
      state.stroke = colorOf(color);
    },
    [OPS.setFillColorN]: () => {
      state.fill = null;
    },
    [OPS.setStrokeColorN]: () => {
      state.stroke = null;
    },
    [OPS.setFillTransparent]: () => {
      state.fill = TRANSPARENT;
    },
    [OPS.setStrokeTransparent]: () => {
      state.stroke = TRANSPARENT;
    },
    [OPS.constructPath]: drawPath,
    [OPS.clip]: clipNext,
    [OPS.eoClip]: clipNext,
    [OPS.beginText]: () => {
      text = { matrix: IDENTITY, x: 0, y: 0, lineX: 0, lineY: 0 };
    },
    [OPS.setTextMatrix]: ([matrix]) => {
      text = { matrix, x: 0, y: 0, lineX: 0, lineY: 0 };
    },
    [OPS.moveText]: ([x, y]) => moveText(x, y),
    [OPS.setLeadingMoveText]: ([x, y]) => {
      state.leading = y;
      moveText(x, y);
    },
    [OPS.nextLine]: () => moveText(0, state.leading),
    [OPS.setLeading]: ([leading]) => {
      state.leading = -leading;
    },
    [OPS.setFont]: ([name, sizePt]) => setFont(name, sizePt),
    [OPS.setTextRenderingMode]: ([mode]) => {
      state.mode = mode;
    },
    [OPS.setCharSpacing]: ([spacing]) => {
      state.charSpacing = spacing;
    },
    [OPS.setWordSpacing]: ([spacing]) => {
      state.wordSpacing = spacing;
    },
    [OPS.setHScale]: ([percent]) => {
      state.scale = percent / 100;
    },
    [OPS.setTextRise]: ([rise]) => {
      state.rise = rise;
    },
    [OPS.showText]: ([glyphs]) => showText(glyphs),
    [OPS.showSpacedText]: ([glyphs]) => showText(glyphs),
  };
  for (const [index, kind] of operators.fnArray.entries()) {
    operator = index;
    perform[kind]?.(operators.argsArray[index] ?? []);
  }
  return { width, height, items: items.finish() };
}

function isShown(layers: Layers, group: unknown): boolean {
  try {
    return layers?.isVisible(group) !== false;
  } catch {
    return true;
  }
}
