import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseDecoder, SseError, type SseMessage } from '../../src/llm/providers/sse.ts';

function decode(chunks: readonly Uint8Array[]): SseMessage[] {
  const decoder = new SseDecoder();
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

const decodeText = (text: string) => decode([Buffer.from(text)]);
const message = (data: string, event: string | null = null): SseMessage => ({ event, data });

describe('an event stream', () => {
  it('is read the same however its bytes are cut and its lines end', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, '·'));
    const written = fc.record({
      event: fc.option(line.filter((name) => name !== '')),
      lines: fc.array(line, { minLength: 1, maxLength: 3 }),
      comment: fc.option(line),
      space: fc.boolean(),
    });
    const property = fc.property(
      fc.array(written, { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      (messages, end, sizes, isWhole) => {
        // Without a space after the colon, a first space would belong to the separator.
        const field = (name: string, value: string, space: boolean) => {
          return `${name}:${space || value.startsWith(' ') ? ' ' : ''}${value}${end}`;
        };
        let text = messages
          .map(({ event, lines, comment, space }) => {
            const head = comment === null ? '' : `:${comment}${end}`;
            const name = event === null ? '' : field('event', event, space);
            return `${head}${name}${lines.map((data) => field('data', data, space)).join('')}${end}`;
          })
          .join('');
        if (!isWhole) text = text.slice(0, text.length - end.length);
        const bytes = Buffer.from(text);
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] as number;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const expected = messages.map(({ event, lines }) => message(lines.join('\n'), event));
        expect(decode(chunks)).toEqual(expected);
        expect(decode([bytes])).toEqual(expected);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('ignores ids, retry times, comments and events without data', () => {
    expect(decodeText(': hi\nid: 1\nretry: 5\n\nevent: x\n\ndata\n\ndata: a\n\n')).toEqual([message(''), message('a')]);
  });

  it('is broken by text without a field, by an unknown field and by bytes that are no UTF-8', () => {
    expect(() => decodeText('{"error":1}\n\n')).toThrow(SseError);
    expect(() => decodeText('dta: {}\n\n')).toThrow(SseError);
    expect(() => decode([Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a])])).toThrow(SseError);
    expect(() => decode([Buffer.from('data: ä').subarray(0, 7)])).toThrow(SseError);
  });
});
