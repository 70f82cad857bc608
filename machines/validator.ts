/**
 * What becomes of one entry of the log.
 *
 * Owns: which of the gate's findings leads where. Does not own the checks (`schemas/validate.ts`) nor the commit.
 * An entry that a commit appended carries the namespace's mark: it was validated and routed there.
 */
import { setup } from 'xstate';
import { vocabulary } from './kit.ts';

export type Finding =
  | { type: 'entry.marked' }
  | { type: 'entry.valid' }
  | { type: 'entry.repeated' }
  | { type: 'entry.invalid' }
  | { type: 'entry.misdirected' };

export const validatorMachine = setup({
  types: { context: {} as Record<string, never>, events: {} as Finding },
  actions: vocabulary,
}).createMachine({
  id: 'validator',
  meta: { emits: ['WORK.ITEM_FAILED'] },
  context: {},
  initial: 'received',
  states: {
    received: {
      on: {
        'entry.marked': 'trusted',
        'entry.valid': 'accepted',
        'entry.repeated': 'duplicate',
        'entry.invalid': 'rejected',
        'entry.misdirected': 'rejected',
      },
    },
    trusted: { type: 'final' },
    accepted: { type: 'final' },
    duplicate: { type: 'final' },
    rejected: { type: 'final' },
  },
});
