/**
 * How a file is named to whoever downloads it.
 *
 * Owns: the header, by RFC 6266. The name may be anything a sender has chosen. What others have sent is a
 * file to save and never shown in place; only pages of our own are.
 */

/** `attachment`, with the name in ASCII and, where that is not the whole of it, in UTF-8 too. */
export const attachmentHeader = (filename: string): string => dispositionHeader('attachment', filename);

/** Likewise `inline`, for pages that this server has made itself. */
export const inlineHeader = (filename: string): string => dispositionHeader('inline', filename);

function dispositionHeader(kind: 'attachment' | 'inline', filename: string): string {
  const name = filename.toWellFormed().replace(/[\p{Cc}\p{Cf}/\\]/gu, '_') || 'file';
  const ascii = name.replace(/[^\x20-\x7e]|["%]/gu, '_');
  const plain = `${kind}; filename="${ascii}"`;
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${extendedValue(name)}`;
}

/** As RFC 5987 wants it: `encodeURIComponent` leaves some characters that are not allowed there. */
const extendedValue = (text: string): string =>
  encodeURIComponent(text).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
