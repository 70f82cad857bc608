/**
 * XLSX: what a cell's style says about its value, and whether anyone can see it.
 *
 * Owns: reading number formats, font sizes and colors, and plain fills. Colors that depend on the theme are known for
 * its two backgrounds and its two text colors alone; a color that is not known counts as visible.
 */
import { builtinKind, kindOfFormat, type NumberKind } from './number-formats.ts';
import { attribute, readXml } from './xml.ts';

export interface CellStyle {
  kind: NumberKind;
  /** Its code, or its number if it is one of those without code. */
  format: string | number;
  /** The text has the color of its background, is smaller than 1 pt, or the format shows nothing. */
  invisible: boolean;
}

/** As many as Excel has. */
const MAX_STYLES = 65_536;
const WHITE = 0xffffff;
const BLACK = 0;

interface Font {
  sizePt: number;
  /** RGB, null if it is not known. */
  color: number | null;
}

const SECTIONS = new Set(['fonts', 'fills', 'cellXfs']);

/** Each cell style by its index. */
export async function readStyles(content: AsyncIterable<Uint8Array>): Promise<CellStyle[]> {
  const formats = new Map<number, string>();
  const fonts: Font[] = [];
  /** RGB, null if it is not known. */
  const fills: (number | null)[] = [];
  const styles: CellStyle[] = [];
  let section = '';
  await readXml(content, {
    open(name, attributes) {
      if (SECTIONS.has(name)) section = name;
      else if (name === 'numFmt' && formats.size < MAX_STYLES) {
        formats.set(Number(attribute(attributes, 'numFmtId')), attribute(attributes, 'formatCode') ?? '');
      } else if (section === 'fonts') {
        if (name === 'font' && fonts.length < MAX_STYLES)
          fonts.push({ sizePt: Number.POSITIVE_INFINITY, color: BLACK });
        else readFont(fonts.at(-1), name, attributes);
      } else if (section === 'fills') {
        if (name === 'fill' && fills.length < MAX_STYLES) fills.push(WHITE);
        else readFill(fills, name, attributes);
      } else if (name === 'xf' && section === 'cellXfs' && styles.length < MAX_STYLES) {
        styles.push(styleOf(attributes, formats, fonts, fills));
      }
    },
    close(name) {
      if (name === section) section = '';
    },
    text() {},
  });
  return styles;
}

function readFont(font: Font | undefined, name: string, attributes: string): void {
  if (!font) return;
  if (name === 'sz') font.sizePt = Number(attribute(attributes, 'val') ?? Number.POSITIVE_INFINITY);
  else if (name === 'color') font.color = colorOf(attributes);
}

function readFill(fills: (number | null)[], name: string, attributes: string): void {
  const last = fills.length - 1;
  if (name === 'patternFill') {
    const pattern = attribute(attributes, 'patternType') ?? 'none';
    fills[last] = pattern === 'none' ? WHITE : null;
  } else if (name === 'fgColor' && fills[last] === null) fills[last] = colorOf(attributes);
  else if (name === 'gradientFill') fills[last] = null;
}

const THEME_COLORS = [WHITE, BLACK];
/** White and black of the indexed palette, and the colors of the system. */
const INDEXED_COLORS = new Map([
  [0, BLACK],
  [1, WHITE],
  [8, BLACK],
  [9, WHITE],
  [64, BLACK],
  [65, WHITE],
]);
/** Lighter or darker than this is another color. */
const MAX_TINT = 0.02;

function colorOf(attributes: string): number | null {
  const rgb = attribute(attributes, 'rgb');
  if (rgb !== undefined) return /^([0-9a-f]{2})?[0-9a-f]{6}$/i.test(rgb) ? Number.parseInt(rgb.slice(-6), 16) : null;
  const tint = Number(attribute(attributes, 'tint') ?? 0);
  if (Math.abs(tint) > MAX_TINT) return null;
  const theme = attribute(attributes, 'theme');
  if (theme !== undefined) return THEME_COLORS[Number(theme)] ?? null;
  const indexed = attribute(attributes, 'indexed');
  return INDEXED_COLORS.get(indexed === undefined ? 64 : Number(indexed)) ?? null;
}

function styleOf(
  attributes: string,
  formats: ReadonlyMap<number, string>,
  fonts: readonly Font[],
  fills: readonly (number | null)[],
): CellStyle {
  const id = Number(attribute(attributes, 'numFmtId') ?? 0);
  const code = formats.get(id);
  const font = fonts[Number(attribute(attributes, 'fontId') ?? 0)];
  const fill = fills[Number(attribute(attributes, 'fillId') ?? 0)] ?? WHITE;
  return {
    kind: code === undefined ? builtinKind(id) : kindOfFormat(code),
    format: code ?? id,
    invisible: (font !== undefined && (font.sizePt < 1 || looksLike(font.color, fill))) || showsNothing(code),
  };
}

/** Per channel; less than this cannot be told apart on a screen. */
const MAX_DIFFERENCE = 8;

/** Whether two RGB colors look alike; one that is not known looks like no other. */
export function looksLike(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return false;
  return [16, 8, 0].every((shift) => Math.abs(((a >> shift) & 0xff) - ((b >> shift) & 0xff)) <= MAX_DIFFERENCE);
}

/** `;;;` is how spreadsheets are told to show neither numbers nor text. */
function showsNothing(code: string | undefined): boolean {
  return code !== undefined && /^(\[[^\]]*\])?;;;?$/.test(code.trim());
}
