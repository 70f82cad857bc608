/** Sizes of texts as they are stored and sent. */

const encoder = new TextEncoder();

/** Bytes of the text in UTF-8. */
export const utf8Bytes = (text: string): number => encoder.encode(text).length;
