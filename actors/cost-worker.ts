/** Says what the time costs. */
import { costResults } from '../machines/formulas/analyses.ts';
import { analyseRows } from './analyse-rows.ts';
import { defineWorker } from './define-worker.ts';

export const costWorker = defineWorker('cost_worker', analyseRows(costResults));
