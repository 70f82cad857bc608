import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANALYSIS, type Answer, create, pages, startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ MAX_ATTEMPTS: '2', RETRY_BASE_MS: '1', RETRY_MAX_MS: '1' });
});
afterAll(() => platform.stop());

const append = (text: string) => platform.node.redis.xadd(platform.node.keys.log, '*', 'event', text);
const envelope = (event_type: string, payload: object, more: object = {}) => ({
  event_id: randomUUID(),
  event_type,
  event_version: 1,
  timestamp: new Date().toISOString(),
  source: 'somebody',
  instance: 'else/1',
  correlation_id: randomUUID(),
  causation_id: null,
  payload,
  ...more,
});
const request = (payload: object) => envelope('PROJECT.INITIAL_REQUEST_RECEIVED', payload);

/** The entry of the dead letter that this event became. */
async function letterOf(eventId: string): Promise<Answer['json']> {
  const find = async () =>
    (await platform.call('GET', '/api/dlq?limit=200')).json.entries.find(
      ({ event_id }: { event_id: string }) => event_id === eventId,
    );
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  return find();
}

/** A request that the gate refuses. */
async function refused(): Promise<{ event: ReturnType<typeof request>; id: string }> {
  const event = request({ project_id: randomUUID() });
  await append(JSON.stringify(event));
  return { event, id: (await letterOf(event.event_id)).id };
}

/** An answer to a question that nobody asked: accepted by the gate, given up by the orchestrator. */
async function givenUp(): Promise<{ event: ReturnType<typeof request>; id: string; project: string }> {
  const project = await create(platform);
  const event = envelope('USER.ANSWER_SUBMITTED', { project_id: project, question_id: randomUUID(), answer: 1 });
  await append(JSON.stringify(event));
  return { event, id: (await letterOf(event.event_id)).id, project };
}

const redrive = (id: string, json?: unknown) =>
  platform.call('POST', `/api/dlq/${id}/redrive`, json === undefined ? {} : { json });
const notices = async () =>
  (await platform.node.redis.xrange(platform.node.keys.log, '-', '+'))
    .map(([, fields]) => JSON.parse(fields[1] as string))
    .filter(({ event_type }) => event_type === 'DLQ.ENTRY_REDRIVEN');

describe('a dead letter', () => {
  test('is listed, filtered and shown with its document', async () => {
    const { event, id } = await refused();
    const listed = await letterOf(event.event_id);
    expect(listed).toEqual({
      id,
      timestamp: expect.any(String),
      event_id: event.event_id,
      event_type: 'PROJECT.INITIAL_REQUEST_RECEIVED',
      reason: 'invalid payload: /request_text is required',
      consumer_group: 'validator_group',
      attempts: 1,
      redriven_at: null,
    });
    const { json } = await platform.call('GET', `/api/dlq/${id}`);
    expect(json).toMatchObject({ id, redriven_at: null, redrive: null });
    expect(json.document).toMatchObject({ original_event: event, source_stream: platform.node.keys.log });
    const count = async (query: string) => (await platform.call('GET', `/api/dlq?${query}`)).json.total;
    const all = await count('');
    expect(all).toBeGreaterThan(0);
    expect(
      await count('consumer_group=validator_group&reason=request_text&event_type=PROJECT.INITIAL_REQUEST_RECEIVED'),
    ).toBe(all);
    expect(await count('consumer_group=cost_workers')).toBe(0);
    expect(await count('reason=nothing of the kind')).toBe(0);
    expect(await count(`since=${new Date(Date.now() + 60_000).toISOString()}`)).toBe(0);
    expect(await count(`until=${new Date(Date.now() + 60_000).toISOString()}`)).toBe(all);
    expect(await count('redriven=true')).toBe(0);
    expect((await platform.call('GET', '/api/dlq?since=yesterday')).status).toBe(400);
    expect((await platform.call('GET', '/api/dlq?redriven=perhaps')).status).toBe(400);
  });

  test('of the gate becomes an event with its own identity once it is mended', async () => {
    const { event, id } = await refused();
    const unmended = await redrive(id);
    expect([unmended.status, unmended.json.error.details.errors]).toEqual([
      400,
      [{ path: '/event/payload/request_text', message: 'is required' }],
    ]);
    const mended = {
      ...event,
      payload: { ...event.payload, request_text: 'Find out where time goes', ...ANALYSIS, name: 'Mended' },
    };
    const { description: _, ...payload } = mended.payload as typeof mended.payload & { description: string };
    const first = await redrive(id, { event: { ...mended, payload } });
    expect(first.status, first.text).toBe(202);
    expect(first.json).toEqual({
      dlq_id: id,
      redrive_id: expect.any(String),
      event_id: event.event_id,
      edited: true,
      status: 'published',
    });
    const { project_id } = payload as unknown as { project_id: string };
    expect((await until(platform, project_id, 'COMPLETED')).name).toBe('Mended');
    for (const again of [await redrive(id), await redrive(id, { event: { ...mended, payload } })]) {
      expect([again.status, again.json]).toEqual([200, { ...first.json, status: 'already_redriven' }]);
    }
    expect((await redrive(id, { event: { ...mended, payload: { ...payload, name: 'Other' } } })).status).toBe(409);
    const { json } = await platform.call('GET', `/api/dlq/${id}`);
    expect(json.redrive).toEqual({
      redrive_id: first.json.redrive_id,
      event_id: event.event_id,
      at: json.redriven_at,
      by: 'local',
    });
    const told = (await notices()).filter(({ payload }) => payload.dlq_id === id);
    expect(told.map(({ payload }) => payload)).toEqual([
      {
        dlq_id: id,
        redrive_id: first.json.redrive_id,
        event_id: event.event_id,
        event_type: 'PROJECT.INITIAL_REQUEST_RECEIVED',
        edited: true,
        target_group: null,
        requested_by: 'local',
      },
    ]);
  });

  test('of a role comes again as a new event, caused by the old one, for that role alone', async () => {
    const { event, id, project } = await givenUp();
    const { json } = await platform.call('GET', `/api/dlq/${id}`);
    expect(json.document).toMatchObject({ consumer_group: 'orchestrator_group', attempts: 2 });
    const many = await Promise.all(Array.from({ length: 10 }, () => redrive(id)));
    for (const { status, json: result } of many) {
      expect([200, 202]).toContain(status);
      expect(result.event_id).not.toBe(event.event_id);
    }
    expect(new Set(many.map(({ json: { event_id, redrive_id } }) => `${event_id} ${redrive_id}`)).size).toBe(1);
    const timeline = (
      await pages(platform, `/api/projects/${project}/events?type=USER.ANSWER_SUBMITTED`, 'events', 50)
    ).flat();
    expect(timeline.map(({ event: { event_id, causation_id } }) => [event_id, causation_id])).toEqual([
      [event.event_id, null],
      [many[0]?.json.event_id, event.event_id],
    ]);
    // It is given up once more: a new dead letter, of the new event.
    await letterOf(many[0]?.json.event_id);
    expect((await notices()).filter(({ payload }) => payload.dlq_id === id)).toHaveLength(1);
  });

  test('of a role takes no event that the role does not take', async () => {
    const { event, id } = await givenUp();
    for (const edited of [
      {
        ...event,
        event_type: 'QUESTION.ANSWER_RECORDED',
        payload: { project_id: randomUUID(), question_id: randomUUID(), answer: 1 },
      },
      {
        ...event,
        event_type: 'WORK.ITEM_DISPATCHED',
        payload: {
          project_id: randomUUID(),
          backlog_item_id: randomUUID(),
          agent_target: 'worker',
          work_context: { rows: [] },
        },
      },
      { ...event, payload: {} },
      {},
      { ...event, event_type: '__proto__' },
    ]) {
      const answer = await redrive(id, { event: edited });
      expect([answer.status, answer.json.error.code]).toEqual([400, 'VALIDATION_ERROR']);
    }
  });

  test('without a readable original needs an event', async () => {
    const logId = await append('{"no json');
    const find = async () =>
      (await platform.call('GET', '/api/dlq?reason=invalid json')).json.entries.at(0) as { id: string } | undefined;
    await expect.poll(find).toBeDefined();
    const { id } = (await find()) as { id: string };
    const { json } = await platform.call('GET', `/api/dlq/${id}`);
    expect(json.document).toMatchObject({ original_event: null, event_id: null, source_entry_id: logId });
    expect((await redrive(id)).status).toBe(400);
    const event = request({ project_id: randomUUID(), request_text: 'Written by hand after all' });
    expect((await redrive(id, { event })).status).toBe(202);
  });

  test('is deleted with the record of its redrive, and the log says by whom', async () => {
    const { event, id } = await refused();
    await redrive(id, { event: { ...event, payload: { ...event.payload, request_text: 'Good enough for now' } } });
    expect((await platform.call('DELETE', `/api/dlq/${id}`)).status).toBe(204);
    expect(platform.logged.at(-2)).toMatchObject({
      level: 'WARN',
      message: 'dead letter deleted',
      metadata: { dlq_id: id, by: 'local' },
    });
    for (const [method, path] of [
      ['DELETE', `/api/dlq/${id}`],
      ['GET', `/api/dlq/${id}`],
      ['POST', `/api/dlq/${id}/redrive`],
    ] as const) {
      expect([method, (await platform.call(method, path)).status]).toEqual([method, 404]);
    }
    expect(await platform.node.redis.exists(platform.node.keys.under(`dlq:${id}:redrive`))).toBe(0);
    for (const bad of ['1-1', 'x', '1', '1-1-1', '-', '%2B']) {
      expect([bad, (await platform.call('GET', `/api/dlq/${bad}`)).status]).toEqual([bad, 404]);
    }
  });

  test('trimmed away takes the record of its redrive along', async () => {
    const { redis, keys } = platform.node;
    const redriven = await refused();
    await redrive(redriven.id, {
      event: request({ project_id: randomUUID(), request_text: 'One that will be trimmed' }),
    });
    const kept = await refused();
    await redis.xtrim(keys.deadLetters, 'MINID', kept.id);
    await redrive(kept.id, { event: request({ project_id: randomUUID(), request_text: 'One that will be kept' }) });
    expect(await redis.exists(keys.under(`dlq:${redriven.id}:redrive`))).toBe(0);
    expect(await redis.exists(keys.under(`dlq:${kept.id}:redrive`))).toBe(1);
  });
});

describe('many dead letters', () => {
  test('are paged without gap or repetition while more come', async () => {
    for (let n = 0; n < 12; n++) await append(JSON.stringify(request({ project_id: randomUUID(), n })));
    const total = async () => (await platform.call('GET', '/api/dlq?reason=is not allowed')).json.total;
    await expect.poll(total).toBe(0);
    const count = async () => (await platform.call('GET', '/api/dlq?reason=request_text')).json.total;
    await expect.poll(count).toBeGreaterThanOrEqual(12);
    for (const query of ['/api/dlq', '/api/dlq?reason=request_text']) {
      const ids = (await pages(platform, query, 'entries', 5)).flat().map(({ id }) => id);
      const all = (await platform.call('GET', `${query}${query.includes('?') ? '&' : '?'}limit=200`)).json;
      expect(ids).toEqual(all.entries.map(({ id }: { id: string }) => id));
      expect(all.total).toBe(ids.length);
    }
  });

  test('are redriven by a filter, oldest first, after a dry run that publishes nothing', async () => {
    const letters = [await givenUp(), await givenUp(), await givenUp()];
    const bad = await refused();
    const since = new Date(Number(letters[0]?.id.split('-')[0])).toISOString();
    const bulk = (json: unknown) => platform.call('POST', '/api/dlq/redrive', { json });
    const before = await platform.node.redis.xlen(platform.node.keys.log);
    const dry = await bulk({ filter: { since }, dry_run: true });
    expect(dry.json).toEqual({
      dry_run: true,
      matched: 4,
      redriven: 0,
      skipped: 1,
      results: [
        ...letters.map(({ id, event }) => ({ dlq_id: id, event_id: event.event_id, status: 'would_publish' })),
        { dlq_id: bad.id, event_id: bad.event.event_id, status: 'invalid' },
      ],
    });
    expect(await platform.node.redis.xlen(platform.node.keys.log)).toBe(before);
    const filter = { since, consumer_group: 'orchestrator_group' };
    const limited = await bulk({ filter, limit: 2 });
    expect(limited.json).toMatchObject({ dry_run: false, matched: 3, redriven: 2, skipped: 0 });
    const again = await bulk({
      filter: { since, until: new Date().toISOString(), consumer_group: 'orchestrator_group' },
    });
    expect(again.json.results.slice(0, 3).map(({ status }: { status: string }) => status)).toEqual([
      'already_redriven',
      'already_redriven',
      'published',
    ]);
  });

  test('are not all redriven by an empty filter that does not say so', async () => {
    const bulk = (json: unknown) => platform.call('POST', '/api/dlq/redrive', { json });
    for (const json of [
      { filter: {} },
      { filter: {}, all: false },
      {},
      { filter: { nope: 1 } },
      { filter: {}, all: true, limit: 1_001 },
    ]) {
      expect((await bulk(json)).status).toBe(400);
    }
    expect((await bulk({ filter: {}, all: true, dry_run: true, limit: 1 })).json.results).toHaveLength(1);
  });
});
