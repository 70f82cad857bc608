/**
 * What a file is called when it is shown. Pure.
 *
 * Owns: what is left of the name that a sender gives: no folders, and no characters that would show it as another one.
 */

const MAX_NAME_CHARS = 200;

/** Empty if nothing is left that could be shown. */
export function shownName(given: string): string {
  const name = given
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/^.*[/\\]/, '')
    .trim();
  if (/^\.*$/.test(name)) return '';
  if (name.length <= MAX_NAME_CHARS) return name;
  const extension = extensionOf(name);
  return `${name.slice(0, MAX_NAME_CHARS)}${extension === '' ? '' : `.${extension}`}`.toWellFormed();
}

/** In lower case; empty if there is none. */
export function extensionOf(filename: string): string {
  return /\.([^./\\\s]{1,16})\s*$/.exec(filename)?.[1]?.toLowerCase() ?? '';
}
