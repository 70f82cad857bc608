import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attribute, readXml } from '../../src/documents/xml.ts';

type Event = ['open', string, string] | ['close', string] | ['text', string];

/** What a reader is told, texts in a row joined. */
async function eventsOf(chunks: Iterable<Uint8Array>, stopAt?: string): Promise<Event[]> {
  const events: Event[] = [];
  async function* bytes() {
    yield* chunks;
  }
  const reader = {
    finished: false,
    open: (name: string, attributes: string) => events.push(['open', name, attributes]),
    close(name: string) {
      events.push(['close', name]);
      if (name === stopAt) reader.finished = true;
    },
    text(text: string) {
      const last = events.at(-1);
      if (last?.[0] === 'text') last[1] += text;
      else events.push(['text', text]);
    },
  };
  await readXml(bytes(), reader as never);
  return events;
}
const encode = (text: string) => new TextEncoder().encode(text);

describe('XML', () => {
  const document =
    '<?xml version="1.0"?>\n<x:a r="1" s=\'<">\'><!-- no < tag -->é😀<b/>&lt;<![CDATA[<c> ]]]]>t<p:d  z = "1" /></x:a >end';

  it('is told as tags and texts, without declarations', async () => {
    expect(await eventsOf([encode(document)])).toEqual([
      ['text', '\n'],
      ['open', 'a', ' r="1" s=\'<">\''],
      ['text', 'é😀'],
      ['open', 'b', ''],
      ['close', 'b'],
      ['text', '&lt;<c> ]]t'],
      ['open', 'd', '  z = "1" '],
      ['close', 'd'],
      ['close', 'a'],
    ]);
  });

  it('is told the same however it is cut into chunks', async () => {
    const bytes = encode(document);
    const whole = await eventsOf([bytes]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, i) => bytes.subarray(places[i], place));
        expect(await eventsOf(chunks)).toEqual(whole);
      }),
    );
    expect(await eventsOf(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('is told up to where its reader has enough', async () => {
    expect(await eventsOf([encode('<a><b/><c/>'), encode('<!DOCTYPE a>')], 'b')).toEqual([
      ['open', 'a', ''],
      ['open', 'b', ''],
      ['close', 'b'],
    ]);
  });

  it.each([
    [' r="A1" t="s"', 't', 's'],
    [" x:r = 'a&amp;b'", 'r', 'a&b'],
    [' a="r=\'5\'" r="6"', 'r', '6'],
    [' r="1" r="2"', 'r', '1'],
    [' r=1 t="s"', 't', undefined],
    ['', 'r', undefined],
    [' r="unclosed', 'r', undefined],
  ])('attributes %j: %s = %j', (attributes, name, value) => {
    expect(attribute(attributes, name)).toBe(value);
  });

  it('attributes made to exhaust a pattern matcher are read in one pass', () => {
    for (const source of [
      'a'.repeat(1 << 20),
      ' '.repeat(1 << 20),
      `${'a="1" '.repeat(1 << 17)}`,
      `${'a='.repeat(1 << 19)}`,
    ]) {
      expect(attribute(source, 'missing')).toBeUndefined();
    }
  });
});
