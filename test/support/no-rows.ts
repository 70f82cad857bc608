/** For actors whose dispatches bring all rows, and which calculate at once. */
import type { Tools } from '../../actors/tools.ts';

export const noRows: Pick<Tools, 'rows' | 'calculate'> = {
  rows: { load: () => Promise.reject(new Error('these dispatches bring their rows')) },
  calculate: async (work) => work(),
};
