/**
 * HTML of a message as the text that a person sees.
 *
 * Owns: which elements break lines, and what is hidden. Does not own: lines and white space (`text-lines.ts`). Nothing is run, fetched or drawn; styles are read as far as they stand
 * with their elements.
 */
import { Parser } from 'htmlparser2';
import { colorOfCss, isTransparent } from './css-colors.ts';
import { looksLike } from './styles.ts';
import { Refused } from './table.ts';
import { createTextLines, type TextLines } from './text-lines.ts';

export interface HtmlText {
  text: string;
  /** What is written but not shown, on one line; blank if nothing is. */
  hidden: string;
}

const SKIPPED = new Set('script style head title template noscript object iframe svg math textarea select'.split(' '));
const BLOCKS = new Set(
  'address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
const PARAGRAPHS = new Set('p h1 h2 h3 h4 h5 h6 blockquote ul ol table'.split(' '));
const WHITE = 0xffffff;
/** Elements inside each other. The parser's costs grow with the square of it. */
const MAX_DEPTH = 1_000;

interface Shown {
  name: string;
  skipped: boolean;
  hidden: boolean;
  verbatim: boolean;
  background: number | null;
  color: number | null;
}

/** @throws {Refused} if its elements are too many in each other */
export function textOfHtml(html: string): HtmlText {
  /** The innermost cell last. */
  const outer: TextLines[] = [];
  let lines = createTextLines();
  const rows: string[][] = [];
  const hidden: string[] = [];
  let current: Shown = {
    ...{ name: '', skipped: false, hidden: false, verbatim: false },
    ...{ background: WHITE, color: 0 },
  };
  const open: Shown[] = [];

  function close(name: string): void {
    if (name === 'td' || name === 'th') {
      const cell = lines.text();
      lines = outer.pop() ?? lines;
      const row = rows.at(-1);
      if (row) row.push(cell);
      else lines.row([cell]);
    } else if (name === 'tr') lines.row(rows.pop() ?? []);
    else if (BLOCKS.has(name)) lines.block(PARAGRAPHS.has(name));
  }

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (open.length === MAX_DEPTH) {
          throw new Refused(400, `HTML of more than ${MAX_DEPTH} elements in each other`, 'file', 'nesting depth');
        }
        open.push(current);
        current = shownIn(current, name, attributes);
        if (current.skipped || current.hidden) return;
        if (name === 'br') lines.end();
        else if (name === 'td' || name === 'th') {
          outer.push(lines);
          lines = createTextLines();
        } else if (BLOCKS.has(name)) lines.block(PARAGRAPHS.has(name));
        if (name === 'tr') rows.push([]);
      },
      ontext(text) {
        if (current.skipped) return;
        if (current.hidden) {
          if (text.trim() !== '') hidden.push(text.trim());
        } else lines.add(text, current.verbatim);
      },
      onclosetag(name) {
        if (!current.skipped && !current.hidden) close(name);
        current = open.pop() ?? current;
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  parser.end(html);
  return { text: lines.text(), hidden: hidden.join(' ').replace(/\s+/g, ' ') };
}

function shownIn(parent: Shown, name: string, attributes: Readonly<Record<string, string>>): Shown {
  const style = declarations(attributes.style ?? '');
  const background = colorOfCss(style.get('background-color') ?? style.get('background') ?? attributes.bgcolor);
  const color = colorOfCss(style.get('color') ?? attributes.color);
  const shown: Shown = {
    name,
    skipped: parent.skipped || SKIPPED.has(name),
    hidden: parent.hidden || 'hidden' in attributes || isConcealed(style),
    verbatim: parent.verbatim || name === 'pre',
    background: background === undefined ? parent.background : background,
    color: color === undefined ? parent.color : color,
  };
  if (looksLike(shown.color, shown.background) || isTransparent(style.get('color'))) shown.hidden = true;
  return shown;
}

function declarations(style: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const declaration of style.toLowerCase().split(';', 100)) {
    const [name = '', value = ''] = declaration.split(':', 2);
    found.set(name.trim(), value.replace('!important', '').trim());
  }
  return found;
}

function isConcealed(style: ReadonlyMap<string, string>): boolean {
  const size = /^([\d.]+)(px|pt|em|rem|%)?$/.exec(style.get('font-size') ?? '');
  return (
    style.get('display') === 'none' ||
    style.get('visibility') === 'hidden' ||
    style.get('mso-hide') === 'all' ||
    (style.has('opacity') && Number(style.get('opacity')) < 0.05) ||
    (size !== null && Number(size[1]) < (size[2] === '%' ? 5 : size[2]?.endsWith('em') ? 0.05 : 1))
  );
}
