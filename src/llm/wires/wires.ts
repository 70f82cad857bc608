/** The wires of one process. */
import { randomUUID } from 'node:crypto';
import { anthropicWire } from './anthropic.ts';
import { chatWire } from './chat.ts';
import { openaiWire } from './openai.ts';
import type { ClientWire, Source } from './wire.ts';

const SYSTEM: Source = {
  nowMs: Date.now,
  // From Node's own pool of random bytes: asking the system each time costs twenty times as much.
  randomHex: (sizeBytes) => {
    let hex = '';
    while (hex.length < 2 * sizeBytes) hex += randomUUID().slice(24);
    return hex.slice(0, 2 * sizeBytes);
  },
};

export function createWires(source: Source = SYSTEM): Readonly<Record<ClientWire['name'], ClientWire>> {
  return { chat: chatWire(source), openai: openaiWire(source), anthropic: anthropicWire(source) };
}
