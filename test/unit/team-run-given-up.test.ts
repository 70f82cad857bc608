// What is kept of a run that could not even be started, so that whoever asks for it is told.
import { expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { isAnswer } from '../../actors/ask-agent.ts';
import { emailTeam } from '../../actors/teams/email-team.ts';
import { createTeamRunMachine } from '../../machines/team-run.ts';
import { requestedRun } from '../../machines/teams/acceptance.ts';
import type { Envelope } from '../../schemas/types.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { anEvent } from '../support/events.ts';

const RUN = '11111111-1111-4111-8111-111111111111';
const PROJECT = '22222222-2222-4222-8222-222222222222';
const ITEM = '33333333-3333-4333-8333-333333333333';
const TIME = '2026-01-15T10:30:00.000Z';

const machine = createTeamRunMachine(emailTeam, [emailTeam], isAnswer);

function giveUp(event: Envelope, stored = initialTransition(machine)[0]) {
  const fault = { code: 'INTERNAL_ERROR', message: 'broken' };
  const id = (kind: string, ordinal?: number) => deriveId(event.event_id, kind, ordinal);
  const [next] = transition(machine, stored, { type: 'exhausted', fault, attempts: 3, event, id });
  return { value: next.value, ...next.context };
}

const why = { reason: 'broken', failure: { category: 'TOOL_FAILURE', reason: 'broken', attempts: 3 }, at: TIME };

test('a request that was given up keeps what was asked and why it came to nothing', () => {
  const ids = { run_id: RUN, team_id: 'email_team' as const, project_id: null, backlog_item_id: null };
  const event = anEvent('TEAM.RUN_REQUESTED', { ...ids, request_text: 'Answer this' }, { timestamp: TIME });
  const { value, context } = requestedRun(event, 'sequential');
  const stored = machine.resolveState({ value, context: { ...context, products: [] } });
  expect(giveUp(event, stored)).toMatchObject({
    value: 'failed',
    requested: { ids, request_text: 'Answer this', refused: why },
    run: null,
    products: [{ type: 'TEAM.RUN_FAILED' }],
  });
});

test('an item that was given up keeps it too', () => {
  const payload = { project_id: PROJECT, backlog_item_id: ITEM, agent_target: 'email_team' };
  const work_context = { rows: [], request_text: 'Answer this' };
  const event = anEvent('WORK.ITEM_DISPATCHED', { ...payload, work_context }, { event_id: RUN, timestamp: TIME });
  expect(giveUp(event)).toMatchObject({
    value: 'failed',
    requested: { ids: { run_id: RUN, project_id: PROJECT, backlog_item_id: ITEM }, refused: why },
    products: [{ type: 'TEAM.RUN_FAILED' }, { type: 'WORK.ITEM_FAILED' }],
  });
});

test('an answer for a run that never was makes none', () => {
  const payload = { run_id: RUN, team_id: 'email_team' as const, project_id: PROJECT, backlog_item_id: ITEM };
  const answer = { ...payload, task_id: RUN, agent: 'parser_agent', reason: 'x' };
  expect(giveUp(anEvent('AGENT.TASK_FAILED', answer)).requested).toBeNull();
});

test('an answer of a shape that its agent does not have is none, whoever it is from', () => {
  const ids = { run_id: RUN, team_id: 'email_team' as const, project_id: null, backlog_item_id: null };
  const request = anEvent('TEAM.RUN_REQUESTED', { ...ids, request_text: 'Answer this' }, { timestamp: TIME });
  const id = (kind: string, ordinal?: number, namespace = request.event_id) => deriveId(namespace, kind, ordinal);
  const started = { type: request.event_type, event: request, id, attempt: 1 } as const;
  const [running] = transition(machine, initialTransition(machine)[0], started);
  const task_id = running.context.run?.steps[0]?.task_id as string;
  const forged = anEvent('AGENT.TASK_COMPLETED', { ...ids, task_id, agent: 'parser_agent', output: { hacked: true } });
  const [after] = transition(machine, running, { type: forged.event_type, event: forged, id, attempt: 1 });
  expect(after.context.run).toEqual(running.context.run);
});

test('a request of blanks, which only the bus lets pass, is no run', () => {
  const ids = { run_id: RUN, team_id: 'email_team' as const, project_id: null, backlog_item_id: null };
  const event = anEvent('TEAM.RUN_REQUESTED', { ...ids, request_text: ' \n ' }, { timestamp: TIME });
  const id = (kind: string, ordinal?: number) => deriveId(event.event_id, kind, ordinal);
  const [next] = transition(machine, initialTransition(machine)[0], { type: event.event_type, event, id, attempt: 1 });
  expect(next.value).toBe('failed');
  expect(next.context.requested?.refused?.reason).toBe('invalid run: request_text is blank');
});
