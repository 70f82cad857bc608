/** Ids: derived ones for whatever the platform generates, random ones where something starts. */
import { hash, randomUUID } from 'node:crypto';

export { randomUUID as newId };

/** UUID version 5: the first 128 bits of sha-1(namespace bytes, name), with version and variant set. */
export function deriveId(namespace: string, kind: string, ordinal = 0): string {
  const hex = hash(
    'sha1',
    Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(`${kind}:${ordinal}`)]),
    'hex',
  );
  const variant = ((Number.parseInt(hex[16] as string, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
