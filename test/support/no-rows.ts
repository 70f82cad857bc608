/** For actors whose dispatches bring all rows, and which calculate at once. */
import type { Tools } from '../../actors/tools.ts';

export const noRows: Pick<Tools, 'rows' | 'activities' | 'calculate'> = {
  rows: { load: () => Promise.reject(new Error('these dispatches bring their rows')) },
  activities: { reread: () => Promise.reject(new Error('these projects have no files')) },
  calculate: async (work) => work(),
};
