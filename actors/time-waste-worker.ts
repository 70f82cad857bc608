/** Says where the time goes. */
import { timeWasteAnalysis } from '../machines/formulas/time-waste.ts';
import { analyseRows } from './analyse-rows.ts';
import { defineWorker } from './define-worker.ts';

export const timeWasteWorker = defineWorker('time_waste_worker', analyseRows(timeWasteAnalysis));
