/** Says what the time costs. */
import { costAnalysis } from '../machines/formulas/cost.ts';
import { analyseRows } from './analyse-rows.ts';
import { defineWorker } from './define-worker.ts';

export const costWorker = defineWorker('cost_worker', analyseRows(costAnalysis));
