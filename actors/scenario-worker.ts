/** Says what would be won without the recurring work. */
import { scenarioResults } from '../machines/formulas/analyses.ts';
import { analyseRows } from './analyse-rows.ts';
import { defineWorker } from './define-worker.ts';

export const scenarioWorker = defineWorker('scenario_worker', analyseRows(scenarioResults));
