/**
 * The usual composition, but the worker of any work does to its thread what the item's `work_context` says.
 *
 * Every start of an effect is written to the file `record`, so that a test can count them.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { defineWorker, type Perform } from '../../actors/define-worker.ts';
import * as composition from '../../src/composition.ts';

export { createTools } from '../../src/composition.ts';

const PRODUCT = {
  type: 'generic_output',
  content: { note: 'made', result: {} },
  confidence: 0.7,
  evidence: { note: 'made' },
};

export type Behaviour = (typeof BEHAVIOURS)[number];
const BEHAVIOURS = [
  'succeed',
  'throw',
  'never',
  'heap',
  'spin',
  'late_heap',
  'late_spin',
  'exit',
  'stray_throw',
  'invalid',
  'hold',
] as const;

function fillHeap(): never {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 1_000 }, (_, i) => ({ i })));
}

function spin(): never {
  for (;;);
}

const never = () => new Promise<never>(() => {});

/** The item of a dispatch and what it is to do, as `work_context`. */
export interface HostileContext {
  behaviour: Behaviour;
  /** File that gets one line per start of the effect. */
  record: string;
  /** `hold` waits until this file exists. */
  until?: string;
}

const perform: Perform = async ({ backlog_item_id, work_context }) => {
  const { behaviour, record, until } = work_context as unknown as HostileContext;
  appendFileSync(record, `${backlog_item_id}\n`);
  switch (behaviour) {
    case 'throw':
      throw new Error('this item is not to be had');
    case 'never':
      return never();
    case 'heap':
      return fillHeap();
    case 'spin':
      return spin();
    case 'late_heap':
      await turn();
      return fillHeap();
    case 'late_spin':
      await turn();
      return spin();
    case 'exit':
      return process.exit(3);
    case 'stray_throw':
      setTimeout(() => {
        throw new Error('thrown where nobody listens');
      });
      return never();
    case 'invalid':
      return { ...PRODUCT, confidence: 2 };
    case 'hold':
      while (!existsSync(until as string)) await pause(5);
      return PRODUCT;
    case 'succeed':
      return PRODUCT;
  }
};

const hostile = defineWorker('worker', perform);

export const createActors = (settings: composition.CompositionSettings) =>
  composition.createActors(settings).map((actor) => (actor.name === hostile.name ? hostile : actor));
