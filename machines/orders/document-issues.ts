/**
 * What is odd about the files of an order, whatever they order: hidden content, text for machines, wrong types.
 *
 * Owns: the search through all that files and message hold, hidden parts and quoted replies included.
 */
import type { OrderIssue } from '../../schemas/types.ts';
import type { ReadDocument } from './document.ts';
import { issue, oneLine, quoted } from './issues.ts';
import { isBlank } from './tables/grid.ts';
import { injectionIn } from './texts/injection.ts';

/** A piece of text with the name of its place. */
interface Piece {
  place: string;
  text: string;
  hidden: boolean;
}

/** Anomalies of one file. */
export function documentIssues(document: ReadDocument): OrderIssue[] {
  const pieces = piecesOf(document);
  const mismatch = document.mismatch;
  return [
    ...(mismatch === null
      ? []
      : [issue('type_mismatch', 'warning', `${oneLine(document.filename)}: ${oneLine(mismatch)}`)]),
    ...hiddenIssues(pieces),
    ...injectionIssues([{ place: 'a file name', text: document.filename, hidden: false }, ...pieces]),
  ];
}

/** Anomalies of texts of the message and the form, by the name of their place. */
export const textIssues = (texts: Readonly<Record<string, string>>): OrderIssue[] =>
  injectionIssues(Object.entries(texts).map(([place, text]) => ({ place, text, hidden: false })));

/** One for each sheet or page: what is hidden there, and how it begins. */
function hiddenIssues(pieces: readonly Piece[]): OrderIssue[] {
  return pieces
    .filter(({ hidden }) => hidden)
    .map(({ place, text }) => issue('hidden_content', 'warning', `${place} holds hidden text: ${quoted(text)}`));
}

function injectionIssues(pieces: readonly Piece[]): OrderIssue[] {
  return pieces.flatMap(({ place, text, hidden }) => {
    const found = injectionIn(text);
    const where = hidden ? `${place} (hidden)` : place;
    return found === null ? [] : [issue('prompt_injection', 'error', `${where} addresses software: ${quoted(found)}`)];
  });
}

/** The text of each sheet or page, what is hidden apart. */
function piecesOf({ filename, content }: ReadDocument): Piece[] {
  const file = oneLine(filename);
  if (content === null) return [];
  if (content.kind === 'lines') return [{ place: file, text: content.text, hidden: false }];
  if (content.kind === 'pages') {
    return content.pages.flatMap(({ number, items }) => parted(`${file}, page ${number}`, items, ' '));
  }
  return content.sheets.flatMap(({ name, hidden, rows }) => {
    const cells = rows.flat();
    const place = `${file}, ${oneLine(name)}`;
    return parted(
      hidden ? `${place} (hidden sheet)` : place,
      hidden ? cells.map((cell) => ({ ...cell, hidden })) : cells,
      '\n',
    );
  });
}

function parted(place: string, texts: readonly { text: string; hidden: boolean }[], mark: string): Piece[] {
  return [false, true].flatMap((hidden) => {
    const text = texts
      .filter((part) => part.hidden === hidden && !isBlank(part.text))
      .map((part) => part.text)
      .join(mark);
    return text === '' ? [] : [{ place, text, hidden }];
  });
}
