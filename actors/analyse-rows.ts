/**
 * What the four analytic workers share: the facts they start from go into the project's ledger before a figure is
 * made of them.
 *
 * Keeps I4: the ledger entry has the dispatch's id, so work that runs again records nothing twice.
 */
import { completeRows, groundFacts } from '../machines/formulas/facts.ts';
import type { Analysis } from '../machines/formulas/time-waste.ts';
import type { WorkContext } from '../schemas/types.ts';
import type { Perform } from './define-worker.ts';

/** @param analysis the figures of a context; total, so only the ledger can fail */
export function analyseRows<Content extends object>(analysis: (context: WorkContext) => Analysis<Content>): Perform {
  return async ({ project_id, backlog_item_id, work_context }, { event, tools }) => {
    const facts = groundFacts(completeRows(work_context.rows));
    const coefficients = { count: facts.length };
    await tools.ledger.append({ entry_id: event.event_id, project_id, backlog_item_id, facts, coefficients });
    return analysis(work_context);
  };
}
