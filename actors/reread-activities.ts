/** The effect that reads a project's file again, with the column that an answer names. */
import type { RereadOutcome, RereadRequest } from '../machines/orchestration/rereading.ts';
import type { EffectContext } from '../src/runtime/define-actor.ts';
import { deriveId } from '../src/runtime/ids.ts';
import type { Tools } from './tools.ts';

export const rereadActivities = (
  request: RereadRequest,
  { event, tools }: EffectContext<Tools>,
): Promise<RereadOutcome> => tools.activities.reread(request, deriveId(event.event_id, 'rows'));
