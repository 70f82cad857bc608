/** Says what would be won without the recurring work. */
import { scenarioAnalysis } from '../machines/formulas/scenario.ts';
import { analyseRows } from './analyse-rows.ts';
import { defineWorker } from './define-worker.ts';

export const scenarioWorker = defineWorker('scenario_worker', analyseRows(scenarioAnalysis));
