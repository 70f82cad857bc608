/**
 * How a request becomes a run.
 *
 * Owns: the state that exists from the moment a request is accepted, before anything is started. The HTTP edge and the
 * gate store it with the event they accept, so that the run can be read at once.
 */
import type { Envelope } from '../../schemas/types.ts';
import { instant } from '../orchestration/text.ts';
import type { Requested } from './run-state.ts';
import type { Pattern } from './team.ts';

type Request = Envelope<'TEAM.RUN_REQUESTED'>;

/** What is known of a run before it starts. `own`: the pattern that the team has of its own accord. */
export function requestOf({ payload, timestamp }: Request, own: Pattern): Requested {
  const { run_id, team_id, project_id, backlog_item_id, request_text, pattern = own } = payload;
  return {
    ids: { run_id: run_id.toLowerCase(), team_id, project_id, backlog_item_id },
    pattern,
    request_text,
    created_at: instant(timestamp),
  };
}

/** A run as it is first stored: snapshot value and context. Pure: the gate and the HTTP edge make the same. */
export const requestedRun = (event: Request, own: Pattern) => ({
  value: 'pending' as const,
  context: { requested: requestOf(event, own), run: null },
});
