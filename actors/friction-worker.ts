/** Says what is done again and again. */
import { frictionResults } from '../machines/formulas/analyses.ts';
import { analyseRows } from './analyse-rows.ts';
import { defineWorker } from './define-worker.ts';

export const frictionWorker = defineWorker('friction_worker', analyseRows(frictionResults));
