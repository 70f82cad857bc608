/** The wires of one process. */
import { randomBytes } from 'node:crypto';
import { anthropicWire } from './anthropic.ts';
import { chatWire } from './chat.ts';
import { openaiWire } from './openai.ts';
import type { ClientWire, Source } from './wire.ts';

const SYSTEM: Source = {
  nowMs: Date.now,
  randomHex: (sizeBytes) => randomBytes(sizeBytes).toString('hex'),
};

export function createWires(source: Source = SYSTEM): Readonly<Record<ClientWire['name'], ClientWire>> {
  return { chat: chatWire(source), openai: openaiWire(source), anthropic: anthropicWire(source) };
}
