/** Says where the time goes. */
import { timeWasteResults } from '../machines/formulas/analyses.ts';
import { analyseRows } from './analyse-rows.ts';
import { defineWorker } from './define-worker.ts';

export const timeWasteWorker = defineWorker('time_waste_worker', analyseRows(timeWasteResults));
