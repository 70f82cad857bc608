import { describe, expect, it } from 'vitest';
import type { MessagePart } from '../../machines/orchestration/parts.ts';
import type { ClarificationNeeded, Envelope } from '../../schemas/types.ts';
import { PID, ProjectDriver, types } from '../fixtures/project-driver.ts';
import { dispatchOf, work } from '../fixtures/scripted-workers.ts';

const M1 = '5b9f6e0e-2f0c-4a57-9a0e-2a1c5a1d7c16';
const request_text = 'Do the two things listed here';
const items = [
  { key: 'a', title: 'a', agent_target: 'worker' },
  { key: 'b', title: 'b', agent_target: 'worker', depends_on: ['a'] },
];

function plan(): ProjectDriver {
  const project = new ProjectDriver();
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, items });
  return project;
}

const tell = (project: ProjectDriver, message: string, message_id = M1) =>
  project.send('PROJECT.MESSAGE_RECEIVED', { project_id: PID, message_id, message, sender: 'ada' });
const messages = (project: ProjectDriver): MessagePart[] =>
  Array.from({ length: project.header?.sizes.message ?? 0 }, (_, n) =>
    project.part(`message:${project.part(`message_at:${n}`)}`),
  );
const sent = (events: readonly Envelope[]) =>
  events.flatMap((event) => (event.event_type === 'ORCHESTRATOR.MESSAGE_SENT' ? [event.payload] : []));

function ask(project: ProjectDriver, need: Partial<ClarificationNeeded>): string {
  const item = { project_id: PID, backlog_item_id: project.itemId(0), reason: 'unsure' };
  project.send('CLARIFICATION.NEEDED', { ...item, ...need }, { cause: dispatchOf(project, 0) });
  return project.blockersOf(0)[0] as string;
}

/** Opens a question, lets the project repeat it as a message, and replies to that. */
function reply(project: ProjectDriver, need: Partial<ClarificationNeeded>, response: string) {
  const question_id = ask(project, need);
  const { emitted } = tell(project, 'How is it going?');
  const message_id = sent(emitted)[1]?.message_id as string;
  const outcome = project.send('CUSTOMER.MESSAGE_RESPONDED', { project_id: PID, message_id, response });
  return { question: project.part(`question:${question_id}`), outcome, message_id };
}

describe('a message', () => {
  it('is kept, answered with how things stand, and travels with every later dispatch', () => {
    const project = plan();
    work(project, 0, { evidence: {} });
    expect(dispatchOf(project, 0).payload.work_context.messages).toBeUndefined();
    const { emitted } = tell(project, 'Use the May data');
    expect(sent(emitted)).toEqual([
      {
        project_id: PID,
        message_id: expect.any(String),
        message_type: 'status_update',
        content: '0 of 2 items are done.',
        related_item_id: null,
        requires_response: false,
      },
    ]);
    expect(messages(project)).toMatchObject([
      { id: M1, direction: 'incoming', message_type: 'message', content: 'Use the May data', sender: 'ada' },
      { id: sent(emitted)[0]?.message_id, direction: 'outgoing', message_type: 'status_update', sender: null },
    ]);
    tell(project, 'And June', PID);
    work(project, 0);
    expect(dispatchOf(project, 1).payload.work_context.messages).toEqual([
      { message_id: M1, message: 'Use the May data' },
      { message_id: PID, message: 'And June' },
    ]);
  });

  it('is told what is still to be answered, once per open question', () => {
    const project = plan();
    const question_id = ask(project, { question_text: 'Which month?' });
    const { emitted } = tell(project, 'Hello?');
    expect(sent(emitted).map(({ message_type, content }) => [message_type, content])).toEqual([
      ['status_update', '0 of 2 items are done. Waiting for 1 answer.'],
      ['clarification', 'Which month?'],
    ]);
    expect(sent(emitted)[1]).toMatchObject({ requires_response: true, related_item_id: project.itemId(0) });
    expect(messages(project).at(-1)).toMatchObject({ question_id, direction: 'outgoing' });
  });

  it('under an id that is taken is kept under that of its event', () => {
    const project = plan();
    tell(project, 'one');
    tell(project, 'two');
    const incoming = messages(project).filter(({ direction }) => direction === 'incoming');
    expect(incoming.map(({ id, content }) => [id, content])).toEqual([
      [M1, 'one'],
      [project.log.findLast((event) => event.event_type === 'PROJECT.MESSAGE_RECEIVED')?.event_id, 'two'],
    ]);
  });

  it('before there is a plan says so, and afterwards travels with the dispatches', () => {
    const project = new ProjectDriver();
    const request = project.append('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, items });
    project.accept(request as Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>);
    expect(sent(tell(project, 'Quick, please').emitted)[0]?.content).toBe('No work has been planned yet.');
    project.apply(request);
    expect(dispatchOf(project, 0).payload.work_context.messages).toEqual([
      { message_id: M1, message: 'Quick, please' },
    ]);
  });

  it('says what waits for approval', () => {
    const project = new ProjectDriver();
    const only = { key: 'a', title: 'a', agent_target: 'worker', requires_approval: true };
    project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, items: [only] });
    expect(sent(tell(project, 'And?').emitted)[0]?.content).toBe('0 of 1 item is done. Waiting for 1 approval.');
  });

  it.each(['COMPLETED', 'STOPPED'])('to a project that is %s is kept and told so', (ended) => {
    const project = plan();
    if (ended === 'COMPLETED') for (const index of [0, 1]) work(project, index);
    else project.send('PROJECT.STOP_REQUESTED', { project_id: PID });
    const done = ended === 'COMPLETED' ? 2 : 0;
    const { emitted } = tell(project, 'One more thing');
    expect(sent(emitted).map(({ content }) => content)).toEqual([
      `The project is ${ended}, nothing more will be done. ${done} of 2 items are done.`,
    ]);
    expect(messages(project)).toHaveLength(2);
    expect(project.value).toBe(ended);
  });

  it('to a project that ended without a plan is told only that', () => {
    const project = new ProjectDriver();
    const twice = [{ key: 'a', title: 'a', agent_target: 'worker', depends_on: ['a'] }];
    project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, items: twice });
    expect(sent(tell(project, 'Why?').emitted)[0]?.content).toBe('The project is FAILED, nothing more will be done.');
  });
});

describe('a prompt', () => {
  it('is a message under the id of its interaction, or of its event', () => {
    const project = plan();
    project.send('USER.PROMPT_SUBMITTED', { project_id: PID, prompt: 'Faster', interaction_id: M1.toUpperCase() });
    project.send('USER.PROMPT_SUBMITTED', { project_id: PID, prompt: 'Please' });
    const prompts = project.log.filter((event) => event.event_type === 'USER.PROMPT_SUBMITTED');
    expect(messages(project).filter(({ direction }) => direction === 'incoming')).toMatchObject([
      { id: M1, message_type: 'prompt', content: 'Faster' },
      { id: prompts[1]?.event_id, message_type: 'prompt', content: 'Please' },
    ]);
    work(project, 0);
    expect(dispatchOf(project, 1).payload.work_context.messages?.map(({ message }) => message)).toEqual([
      'Faster',
      'Please',
    ]);
  });
});

describe('a reply', () => {
  it('to a clarification answers its question', () => {
    const project = plan();
    const { question, outcome } = reply(project, { question_text: 'Which month?' }, 'May');
    expect(types(outcome.emitted)).toEqual([
      'QUESTION.ANSWER_RECORDED',
      'BACKLOG.ITEM_UNBLOCKED',
      'WORK.ITEM_DISPATCHED',
      'ORCHESTRATOR.MESSAGE_SENT',
    ]);
    expect(question).toMatchObject({ status: 'CLOSED', answer: 'May' });
    expect(sent(outcome.emitted)[0]?.content).toBe('0 of 2 items are done.');
  });

  it.each<[NonNullable<ClarificationNeeded['answer_type']>, string, unknown]>([
    ['NUMBER', '12.5', 12.5],
    ['NUMBER', '"12.5"', 12.5],
    ['BOOLEAN', 'true', true],
    ['JSON', '{"a":1}', { a: 1 }],
    ['JSON', 'plain words', 'plain words'],
    ['JSON', '['.repeat(99), '['.repeat(99)],
    ['DATE', '2026-03-01', '2026-03-01'],
    ['TEXT', '12', '12'],
  ])('to a question for %s, %s is read as %j', (answer_type, response, answer) => {
    const { question } = reply(plan(), { answer_type }, response);
    expect(question).toMatchObject({ status: 'CLOSED', answer });
  });

  it('that does not fit is recorded, and the question stays open', () => {
    const { question, outcome } = reply(plan(), { answer_type: 'NUMBER' }, 'a lot');
    expect(types(outcome.emitted)).toEqual(['QUESTION.ANSWER_RECORDED', 'ORCHESTRATOR.MESSAGE_SENT']);
    expect(outcome.emitted[0]?.payload).toMatchObject({ accepted: false, answer: 'a lot' });
    expect(question.status).toBe('OPEN');
    expect(sent(outcome.emitted)[0]?.content).toBe('0 of 2 items are done. Waiting for 1 answer.');
  });

  it('to a question that is closed by now, or to no question, is only kept', () => {
    const project = plan();
    const { message_id } = reply(project, {}, 'May');
    const count = project.header?.sizes.message as number;
    for (const to of [message_id.toUpperCase(), M1, PID]) {
      const payload = { project_id: PID, message_id: to, response: 'June', related_item_id: project.itemId(0) };
      expect(types(project.send('CUSTOMER.MESSAGE_RESPONDED', payload).emitted)).toEqual(['ORCHESTRATOR.MESSAGE_SENT']);
    }
    expect(project.header?.sizes.message).toBe(count + 6);
    expect(messages(project).at(-2)).toMatchObject({
      message_type: 'response',
      in_reply_to: PID,
      related_item_id: project.itemId(0),
      content: 'June',
    });
    work(project, 0);
    expect(dispatchOf(project, 1).payload.work_context.messages?.map(({ message }) => message)).toEqual([
      'How is it going?',
    ]);
  });
});

describe('a command to a project that nobody knows', () => {
  it.each([
    ['PROJECT.MESSAGE_RECEIVED', { message_id: M1, message: 'x' }],
    ['USER.PROMPT_SUBMITTED', { prompt: 'x' }],
    ['CUSTOMER.MESSAGE_RESPONDED', { message_id: M1, response: 'x' }],
    ['PROJECT.STOP_REQUESTED', {}],
  ] as const)('%s is refused, as it may be early', (type, payload) => {
    const { refusal } = new ProjectDriver().send(type, { project_id: PID, ...payload } as never);
    expect(refusal).toEqual({ reason: `unknown project: ${PID}`, retry: true });
  });
});
