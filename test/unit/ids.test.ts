import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveId, newId } from '../../src/runtime/ids.ts';

/** RFC 9562, section 5.5, written out. */
function uuid5(namespace: string, name: string): string {
  const sha1 = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest();
  const bytes = sha1.subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

describe('derived ids', () => {
  it('are the uuids of version 5 of cause, kind and ordinal', () => {
    expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
    fc.assert(
      fc.property(fc.uuid(), fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(), (cause, kind, ordinal) => {
        expect(deriveId(cause, kind, ordinal)).toBe(uuid5(cause, `${kind}:${ordinal}`));
      }),
    );
  });

  it('do not depend on the case in which the cause is written', () => {
    const cause = newId();
    expect(deriveId(cause.toUpperCase(), 'item')).toBe(deriveId(cause, 'item'));
  });

  it('do not depend on what was derived before', () => {
    const [a, b] = [newId(), newId()];
    const alone = deriveId(a, 'item', 1);
    deriveId(a, 'a kind with a longer name', 12);
    deriveId(b, 'item', 1);
    expect(deriveId(a, 'item', 1)).toBe(alone);
  });
});
