/**
 * What the four analytic workers share: what they start from goes into the project's ledger before a figure is made
 * of it.
 *
 * Keeps I4: the ledger entry has the dispatch's id, so work that runs again records nothing twice.
 */
import { groundsOf } from '../machines/formulas/facts.ts';
import type { Analysis } from '../machines/formulas/time-waste.ts';
import type { WorkContext } from '../schemas/types.ts';
import type { Perform } from './define-worker.ts';
import { withRows } from './work-rows.ts';

/** @param analysis the figures of a context; total, so only the ledger and the file of the rows can fail */
export function analyseRows<Content extends object>(analysis: (context: WorkContext) => Analysis<Content>): Perform {
  return async ({ project_id, backlog_item_id, work_context }, { event, tools }) => {
    const context = await withRows(project_id, work_context, tools);
    const { facts, coefficients } = groundsOf(work_context);
    await tools.ledger.append({
      entry_id: event.event_id,
      project_id,
      backlog_item_id,
      facts,
      coefficients: { ...coefficients },
    });
    return work_context.rows_ref ? tools.calculate(() => analysis(context)) : analysis(context);
  };
}
