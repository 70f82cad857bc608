/**
 * Server-sent events from bytes, however these are cut.
 *
 * Owns: lines, fields and messages of `text/event-stream`. Does not own what the data mean. Stricter than the
 * standard, which skips what it does not know: text without a field's name is an error, for a damaged message must
 * not be lost in silence.
 */

export interface SseMessage {
  /** Null: not named. */
  event: string | null;
  /** Lines joined by line ends. */
  data: string;
}

/** What was received is no event stream. */
export class SseError extends Error {
  override readonly name = 'SseError';
}

const IGNORED_FIELDS = new Set(['id', 'retry']);

export class SseDecoder {
  // Fatal: a replacement character would be damage that nobody sees.
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  /** Of a line whose end has not come yet. */
  #line = '';
  #afterCarriageReturn = false;
  #event: string | null = null;
  #data: string | null = null;

  /**
   * The messages that are whole with these bytes.
   * @throws SseError
   */
  push(bytes: Uint8Array): SseMessage[] {
    return this.#read(this.#decode(bytes));
  }

  /**
   * What is left when the bytes have ended; a last message without its blank line counts.
   * @throws SseError
   */
  end(): SseMessage[] {
    return this.#read(`${this.#decode()}\n\n`);
  }

  #decode(bytes?: Uint8Array): string {
    try {
      return bytes ? this.#utf8.decode(bytes, { stream: true }) : this.#utf8.decode();
    } catch {
      throw new SseError('not UTF-8');
    }
  }

  #read(text: string): SseMessage[] {
    const messages: SseMessage[] = [];
    let start = 0;
    if (this.#afterCarriageReturn && text !== '') {
      this.#afterCarriageReturn = false;
      if (text.startsWith('\n')) start = 1;
    }
    let lineFeed = text.indexOf('\n', start);
    let carriageReturn = text.indexOf('\r', start);
    while (lineFeed !== -1 || carriageReturn !== -1) {
      const isReturn = carriageReturn !== -1 && (lineFeed === -1 || carriageReturn < lineFeed);
      const end = isReturn ? carriageReturn : lineFeed;
      const rest = text.slice(start, end);
      const message = this.#take(this.#line === '' ? rest : this.#line + rest);
      this.#line = '';
      if (message) messages.push(message);
      start = end + 1;
      if (isReturn && start === text.length) this.#afterCarriageReturn = true;
      else if (isReturn && lineFeed === start) start++;
      if (lineFeed !== -1 && lineFeed < start) lineFeed = text.indexOf('\n', start);
      if (carriageReturn !== -1 && carriageReturn < start) carriageReturn = text.indexOf('\r', start);
    }
    this.#line += text.slice(start);
    return messages;
  }

  #take(line: string): SseMessage | null {
    if (line === '') return this.#dispatch();
    if (line.startsWith('data:')) {
      const value = line.slice(line.startsWith(' ', 5) ? 6 : 5);
      this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
      return null;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field === 'event')
      this.#event = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    else if (field === 'data') this.#data = this.#data === null ? '' : `${this.#data}\n`;
    else if (!IGNORED_FIELDS.has(field)) throw new SseError('a line without a field');
    return null;
  }

  #dispatch(): SseMessage | null {
    const message = this.#data === null ? null : { event: this.#event, data: this.#data };
    this.#event = null;
    this.#data = null;
    return message;
  }
}
