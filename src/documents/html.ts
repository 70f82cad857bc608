/**
 * HTML of a message as the text that a person sees.
 *
 * Owns: line breaks, cells and what is hidden. Nothing is run, fetched or drawn; styles are read as far as they stand
 * with their elements.
 */
import { Parser } from 'htmlparser2';
import { colorOfCss, isTransparent } from './css-colors.ts';
import { looksLike } from './styles.ts';
import { Refused } from './table.ts';

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
const MAX_TEXT_CHARS = 4 * 1024 * 1024;

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
  const lines = createLines();
  const hidden: string[] = [];
  let current: Shown = {
    ...{ name: '', skipped: false, hidden: false, verbatim: false },
    ...{ background: WHITE, color: 0 },
  };
  const open: Shown[] = [];

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
        else if (BLOCKS.has(name)) lines.block(PARAGRAPHS.has(name));
        if (name === 'td' || name === 'th') lines.cell();
      },
      ontext(text) {
        if (current.skipped) return;
        if (current.hidden) {
          if (text.trim() !== '') hidden.push(text.trim());
        } else lines.add(text, current.verbatim);
      },
      onclosetag(name) {
        if (!current.skipped && !current.hidden && BLOCKS.has(name)) lines.block(PARAGRAPHS.has(name));
        current = open.pop() ?? current;
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  parser.end(html.slice(0, MAX_TEXT_CHARS));
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

/** Lines of text as they come about; white space counts once, except where it is verbatim. */
function createLines() {
  const lines: string[] = [];
  let line = '';
  /** Cells are kept apart by tabs. */
  let inRow = false;
  function end(): void {
    lines.push(line.trimEnd());
    line = '';
    inRow = false;
  }
  return {
    end,
    block(paragraph: boolean): void {
      if (line.trim() !== '') end();
      else line = '';
      inRow = false;
      if (paragraph && lines.length > 0 && lines.at(-1) !== '') lines.push('');
    },
    cell(): void {
      if (inRow) line = `${line.trimEnd()}\t`;
      inRow = true;
    },
    add(text: string, verbatim: boolean): void {
      if (verbatim) {
        const [first = '', ...rest] = text.split(/\r\n|\n|\r/);
        line += first;
        for (const next of rest) {
          end();
          line = next;
        }
        return;
      }
      const words = text.replace(/[\s\u00a0]+/g, ' ');
      line += line === '' || /\s$/.test(line) ? words.trimStart() : words;
    },
    text(): string {
      if (line.trim() !== '') end();
      return lines
        .join('\n')
        .replace(/\n{3,}/g, '\n\n')
        .trim();
    },
  };
}
