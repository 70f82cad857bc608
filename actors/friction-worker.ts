/** Says what is done again and again. */
import { frictionAnalysis } from '../machines/formulas/friction.ts';
import { analyseRows } from './analyse-rows.ts';
import { defineWorker } from './define-worker.ts';

export const frictionWorker = defineWorker('friction_worker', analyseRows(frictionAnalysis));
