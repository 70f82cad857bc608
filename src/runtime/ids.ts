/** Ids: derived ones for whatever the platform generates, random ones where something starts. */
import { hash, randomUUID } from 'node:crypto';
import type { DeriveId } from '../../machines/kit.ts';

export { randomUUID as newId };

const NAMESPACE_BYTES = 16;
const input = Buffer.alloc(NAMESPACE_BYTES + 256);
let lastNamespace = '';

/** UUID version 5: the first 128 bits of sha-1(namespace bytes, name), with version and variant set. */
export function deriveId(namespace: string, kind: string, ordinal = 0): string {
  // Most calls in a row derive from the same cause.
  if (namespace !== lastNamespace) {
    input.write(namespace.replaceAll('-', ''), 0, 'hex');
    lastNamespace = namespace;
  }
  const length = input.write(`${kind}:${ordinal}`, NAMESPACE_BYTES, 'utf8');
  const hex = hash('sha1', input.subarray(0, NAMESPACE_BYTES + length), 'hex');
  const variant = VARIANTS[Number.parseInt(hex[16] as string, 16) & 0x3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What a machine derives ids with while `event` is applied. */
export const derivesFrom =
  (event: { event_id: string }): DeriveId =>
  (kind, ordinal, namespace = event.event_id) =>
    deriveId(namespace, kind, ordinal);

const VARIANTS = ['8', '9', 'a', 'b'];
