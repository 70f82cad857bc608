import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANALYSIS, create, pages, type SentBody, startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

const errorsOf = async (json: unknown) => {
  const answer = await platform.call('POST', '/api/projects', { json });
  expect(answer.status, answer.text).toBe(400);
  expect(answer.json.error.code).toBe('VALIDATION_ERROR');
  return answer.json.error;
};

describe('a project', () => {
  test('can be read as soon as its request is answered, and runs to its report', async () => {
    const answer = await platform.call('POST', '/api/projects', { json: ANALYSIS });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      project_id: expect.any(String),
      status: 'CREATED',
      message: 'Project accepted',
      rows: 3,
      warnings: [],
      input: null,
    });
    const id = answer.json.project_id;
    expect(answer.headers.get('location')).toBe(`/api/projects/${id}`);
    expect((await platform.call('GET', `/api/projects/${id}`)).status).toBe(200);
    const project = await until(platform, id, 'COMPLETED');
    expect(project).toMatchObject({
      name: 'Q3 audit',
      plan: 'analysis',
      completion_percentage: 100,
      counts: { total: 5, done: 5 },
      correlation_id: answer.headers.get('x-correlation-id'),
    });
    const report = await platform.call('GET', `/api/projects/${id}/deliverables/${project.report_deliverable_id}`);
    expect(report.json).toMatchObject({ type: 'final_report', backlog_item_id: null });
    const cost = await platform.call('GET', `/api/projects/${id}/deliverables?type=cost_analysis`);
    expect(cost.json.deliverables).toHaveLength(1);
    const figures = await platform.call('GET', `/api/projects/${id}/deliverables/${cost.json.deliverables[0].id}`);
    expect(figures.json.content).toMatchObject({
      total_hours: 2.25,
      hourly_rate: 100,
      monthly_cost: 225,
      annual_cost: 2700,
    });
  });

  test('takes the correlation of its request when that is a uuid, and another when it is not', async () => {
    const given = randomUUID();
    const answer = await platform.call('POST', '/api/projects', {
      json: ANALYSIS,
      headers: { 'x-correlation-id': given.toUpperCase() },
    });
    const { json } = await platform.call('GET', `/api/projects/${answer.json.project_id}`);
    expect([answer.headers.get('x-correlation-id'), json.correlation_id]).toEqual([given, given]);
    const other = await platform.call('GET', '/api/projects', { headers: { 'x-correlation-id': 'a\tb' } });
    expect(other.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('shows its timeline in log order, in pages, backwards and by type', async () => {
    const id = await create(platform);
    await until(platform, id, 'COMPLETED');
    const all = (await pages(platform, `/api/projects/${id}/events`, 'events', 200)).flat();
    expect(all).toHaveLength(33);
    expect(all[0].event).toMatchObject({ event_type: 'PROJECT.INITIAL_REQUEST_RECEIVED', source: 'frontend_api' });
    expect(all.at(-1).event.event_type).toBe('PROJECT.COMPLETED');
    const inPages = await pages(platform, `/api/projects/${id}/events`, 'events', 7);
    expect(inPages.map((page) => page.length)).toEqual([7, 7, 7, 7, 5]);
    expect(inPages.flat()).toEqual(all);
    expect((await pages(platform, `/api/projects/${id}/events?order=desc`, 'events', 10)).flat()).toEqual(
      all.toReversed(),
    );
    const started = (await pages(platform, `/api/projects/${id}/events?type=WORK.ITEM_STARTED`, 'events', 2)).flat();
    expect(started).toEqual(all.filter(({ event }) => event.event_type === 'WORK.ITEM_STARTED'));
    const work = (await pages(platform, `/api/projects/${id}/events?type=WORK.*`, 'events', 200)).flat();
    expect(work).toEqual(all.filter(({ event }) => event.event_type.startsWith('WORK.')));
    expect(work.length).toBeGreaterThan(started.length);
  });

  test('shows items in plan order, deliverables newest first, and both in pages', async () => {
    const id = await create(platform);
    await until(platform, id, 'COMPLETED');
    const items = (await pages(platform, `/api/projects/${id}/backlog`, 'items', 2)).flat();
    expect(items.map(({ agent_target }) => agent_target)).toEqual([
      'time_waste_worker',
      'cost_worker',
      'friction_worker',
      'scenario_worker',
      'requirements_manager',
    ]);
    expect((await platform.call('GET', `/api/projects/${id}/backlog?status=FAILED`)).json.items).toEqual([]);
    expect((await platform.call('GET', `/api/projects/${id}/backlog?status=FAILED,DONE`)).json.items).toHaveLength(5);
    const deliverables = (await pages(platform, `/api/projects/${id}/deliverables`, 'deliverables', 4)).flat();
    expect(deliverables).toHaveLength(6);
    expect(deliverables[0].type).toBe('final_report');
    const { json } = await platform.call('GET', `/api/projects/${id}/status`);
    expect(json.backlog_items).toEqual({
      total: 5,
      completed: 5,
      in_progress: 0,
      ready: 0,
      blocked: 0,
      created: 0,
      failed: 0,
    });
    expect(json.deliverables.map(({ id }: { id: string }) => id)).toEqual(deliverables.map((each) => each.id));
  });

  test('is the same when its log is folded again', async () => {
    const id = await create(platform);
    await until(platform, id, 'COMPLETED');
    const { status, json } = await platform.call('GET', `/api/projects/${id}/replay`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ project_id: id, equal: true, differences: [] });
    expect(json.stored_sha256).toBe(json.replayed_sha256);
    expect(json.events_applied).toBeGreaterThan(10);
  });

  test('that does not exist, or whose id is no uuid, is not found on any of its routes', async () => {
    const routes = platform.routes.filter(({ path }) => path.startsWith('/api/projects/:id'));
    for (const { method, path } of routes) {
      for (const id of [randomUUID(), 'no-uuid', '%00', '..%2f..', '__proto__']) {
        const at = path.replace(':id', id).replace(':did', randomUUID());
        const json = method === 'POST' ? { message: 'Hello' } : undefined;
        const answer = await platform.call(method, at, path.endsWith('stop') ? {} : json ? { json } : {});
        expect([at, answer.status]).toEqual([at, 404]);
      }
    }
  });

  test('is found by its id in any case', async () => {
    const id = await create(platform);
    expect((await platform.call('GET', `/api/projects/${id.toUpperCase()}`)).json.id).toBe(id);
  });
});

describe('the list of projects', () => {
  test('is newest first, in pages, and filtered by status and text', async () => {
    const token = randomUUID().slice(0, 8);
    const ids: string[] = [];
    // One after the other: projects that begin within the same millisecond have no order.
    for (let n = 0; n < 7; n++) {
      const id = await create(platform, { ...ANALYSIS, name: `List ${token} ${n}` });
      await until(platform, id, 'COMPLETED');
      ids.push(id);
    }
    const asking = await create(platform, { name: 'Short', description: `Needs RATE ${token}`, rows: ANALYSIS.rows });
    await until(platform, asking, 'AWAITING_INPUT');
    const all = await pages(platform, '/api/projects', 'projects', 3);
    const created = all.flat().map(({ created_at }) => created_at);
    expect(created).toEqual(created.toSorted().toReversed());
    expect(new Set(all.flat().map(({ id }) => id)).size).toBe(created.length);
    const found = (await pages(platform, `/api/projects?q=LIST ${token}`, 'projects', 3)).flat();
    expect(found.map(({ id }) => id)).toEqual(ids.toReversed());
    const waiting = (
      await pages(platform, `/api/projects?status=AWAITING_INPUT&q=rate ${token}`, 'projects', 50)
    ).flat();
    expect(waiting.map(({ id }) => id)).toEqual([asking]);
    expect((await platform.call('GET', `/api/projects?status=FAILED&q=${token}`)).json.projects).toEqual([]);
    const both = (
      await pages(platform, `/api/projects?status=AWAITING_INPUT,COMPLETED&q=${token}`, 'projects', 2)
    ).flat();
    expect(both.map(({ id }) => id)).toEqual([asking, ...ids.toReversed()]);
  });

  test('refuses cursors that are damaged or belong to another list', async () => {
    await create(platform);
    await create(platform);
    const { json } = await platform.call('GET', '/api/projects?limit=1');
    const cursor: string = json.next_cursor;
    const flipped = cursor.slice(0, 5) + (cursor[5] === 'A' ? 'B' : 'A') + cursor.slice(6);
    for (const path of [
      `/api/projects?cursor=${flipped}`,
      `/api/projects?cursor=${cursor}x`,
      '/api/projects?cursor=MTIz',
      '/api/projects?cursor=',
      `/api/projects?cursor=${cursor}&status=FAILED`,
      `/api/questions?cursor=${cursor}`,
    ]) {
      const answer = await platform.call('GET', path);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(answer.json.error.details.errors[0].path).toBe('query.cursor');
    }
    expect((await platform.call('GET', `/api/projects?cursor=${cursor}&limit=1`)).status).toBe(200);
  });

  test('lists every violation of a query by its parameter', async () => {
    const { status, json } = await platform.call('GET', '/api/projects?status=DONE,OPEN&limit=0&nope=1&q=a&q=b');
    expect(status).toBe(400);
    expect(json.error.details.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'query.limit',
      'query.nope',
      'query.q',
      'query.status',
      'query.status',
    ]);
    for (const query of ['limit=1.5', 'limit=1e1', 'limit=', 'limit=201', 'limit=-1', '__proto__=1', 'constructor=x']) {
      expect([query, (await platform.call('GET', `/api/projects?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('a request for a project', () => {
  test('is refused with every violation named', async () => {
    const { details } = await errorsOf({ name: ' ', rows: [], hourly_rate: -1, extra: 1, requester: { phone: '1' } });
    expect(details.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/description',
      '/extra',
      '/hourly_rate',
      '/name',
      '/requester/phone',
      '/rows',
    ]);
  });

  test('is refused when its plan is none, with the places', async () => {
    const item = (key: string, more: object = {}) => ({ key, title: key, agent_target: 'dev_worker', ...more });
    const plan = (...items: object[]) => ({ name: 'Plan', description: 'A plan of our own', items });
    const cycle = await errorsOf(
      plan(item('build', { depends_on: ['test'] }), item('test', { depends_on: ['build'] }), item('free')),
    );
    expect(cycle).toEqual({
      code: 'VALIDATION_ERROR',
      message: 'The plan has a cycle.',
      details: { errors: [{ path: '/items', message: 'cycle: build -> test -> build' }] },
    });
    const others = await errorsOf(
      plan(
        item('a', { depends_on: ['a'] }),
        item('a', { depends_on: ['zz'] }),
        item('b', { agent_target: 'nobody' }),
        item('c', { work_context: { hourly_rate: 'much' } }),
      ),
    );
    expect(others.message).toBe('The plan is not valid.');
    expect(others.details.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/items/0/depends_on/0',
      '/items/1/depends_on/0',
      '/items/1/key',
      '/items/2/agent_target',
      '/items/3/work_context/hourly_rate',
    ]);
  });

  test('has its rows read the same in the request and in an item', async () => {
    const rows = [
      { text: 'Security review', estimated_minutes: '1h30' },
      { text: 'Two words', estimated_minutes: null, category: null },
      { text: 'x', estimated_minutes: 2.5, id: 'r3' },
    ];
    const id = await create(platform, {
      name: 'Rows',
      description: 'Rows in both places',
      rows,
      items: [{ key: 'a', title: 'A', agent_target: 'time_waste_worker', work_context: { rows } }],
    });
    const { json } = await platform.call('GET', `/api/projects/${id}/events?limit=1`);
    const { payload } = json.events[0].event;
    expect(payload.rows).toEqual([
      { text: 'Security review', estimated_minutes: 90, category: 'security', estimate_source: 'given' },
      { text: 'Two words', estimated_minutes: 60, category: 'uncategorized', estimate_source: 'inferred' },
      { text: 'x', estimated_minutes: 2.5, category: 'uncategorized', estimate_source: 'given', id: 'r3' },
    ]);
    expect(payload.items[0].work_context.rows).toEqual(payload.rows);
    const { details } = await errorsOf({
      ...ANALYSIS,
      rows: [{ text: 'a', estimated_minutes: '3 tasks' }],
      items: [
        {
          key: 'a',
          title: 'A',
          agent_target: 'worker',
          work_context: { rows: [{ text: 'b', estimated_minutes: true }] },
        },
      ],
    });
    expect(details.errors.map(({ path }: { path: string }) => path)).toEqual([
      '/rows/0/estimated_minutes',
      '/items/0/work_context/rows/0/estimated_minutes',
    ]);
  });

  test('keeps its requester, period and default approval', async () => {
    const id = await create(platform, {
      ...ANALYSIS,
      requester: { name: 'Ada', email: 'ada@example.org' },
      period: { type: 'month', working_days: 20 },
      requires_approval: true,
    });
    const project = await until(platform, id, 'AWAITING_INPUT');
    expect(project).toMatchObject({ requester: { name: 'Ada', email: 'ada@example.org' }, open_approvals: 3 });
  });

  test('is 415 for another content type, 400 for malformed JSON, 413 for too much or too deep', async () => {
    const send = async (body: SentBody, headers: Record<string, string>) =>
      (await platform.call('POST', '/api/projects', { body, headers })).status;
    const json = { 'content-type': 'application/json' };
    expect(await send('{}', { 'content-type': 'text/plain' })).toBe(415);
    expect(await send('{}', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await send('{}', { ...json, 'content-encoding': 'gzip' })).toBe(415);
    expect(await send('{}', { 'content-type': 'application/json; charset=latin1' })).toBe(415);
    expect(await send(JSON.stringify(ANALYSIS), { 'content-type': 'application/json; charset=UTF-8' })).toBe(201);
    expect(await send('{"name":', json)).toBe(400);
    expect(await send('', json)).toBe(400);
    expect(await send(new Uint8Array([0x7b, 0xff, 0x7d]), json)).toBe(400);
    expect(await send('{"name":1e999}', json)).toBe(400);
    expect(await send(`"${'a'.repeat(1_048_576)}"`, json)).toBe(413);
    expect(await send('['.repeat(45_000) + ']'.repeat(45_000), json)).toBe(413);
    const nested = `${'{"a":'.repeat(29)}1${'}'.repeat(29)}`;
    expect(
      await send(
        `{"name":"n","description":"Deep in an item","items":[{"key":"k","title":"t","agent_target":"worker","work_context":${nested}}]}`,
        json,
      ),
    ).toBe(413);
  });

  test('pollutes no prototype', async () => {
    const polluting = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    for (const body of [
      polluting,
      `{"name":"n","description":"An item that pollutes","items":[{"key":"k","title":"t","agent_target":"worker","work_context":${polluting}}]}`,
      polluting.replace('__proto__', '\\u005f_proto__'),
    ]) {
      const answer = await platform.call('POST', '/api/projects', {
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(400);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('stopping a project', () => {
  test('cancels what is not done, once, and says how much', async () => {
    const id = await create(platform, { ...ANALYSIS, requires_approval: true });
    await until(platform, id, 'AWAITING_INPUT');
    const stops = await Promise.all(
      Array.from({ length: 8 }, () =>
        platform.call('POST', `/api/projects/${id}/stop`, { json: { reason: 'Enough' } }),
      ),
    );
    const stopped = stops.filter(({ status }) => status === 200);
    expect(stopped.map(({ json }) => json)).toEqual([
      { project_id: id, status: 'STOPPED', message: 'Project stopped, 5 items canceled' },
    ]);
    for (const { status, json } of stops) {
      if (status !== 200) expect([status, json.error.details]).toEqual([409, { status: 'STOPPED' }]);
    }
    const { json } = await platform.call('GET', `/api/projects/${id}/events?type=PROJECT.STOPPED`);
    expect(json.events).toHaveLength(1);
    expect((await platform.call('GET', `/api/projects/${id}`)).json.status).toBe('STOPPED');
  });

  test('is a conflict when it has completed', async () => {
    const id = await create(platform);
    await until(platform, id, 'COMPLETED');
    const { status, json } = await platform.call('POST', `/api/projects/${id}/stop`);
    expect([status, json.error.code, json.error.details]).toEqual([409, 'CONFLICT', { status: 'COMPLETED' }]);
  });
});

describe('a message', () => {
  test('is stored and answered; a reply to the question it repeats answers that', async () => {
    const id = await create(platform, { name: 'Ask', description: 'Find out where time goes', rows: ANALYSIS.rows });
    await until(platform, id, 'AWAITING_INPUT');
    const sent = await platform.call('POST', `/api/projects/${id}/message`, { json: { message: 'Use the May data' } });
    expect([sent.status, sent.json.status]).toEqual([200, 'delivered']);
    const { json } = await platform.call('GET', `/api/projects/${id}/messages`);
    const [clarification, update, incoming] = json.messages;
    expect(incoming).toMatchObject({ id: sent.json.message_id, direction: 'incoming', content: 'Use the May data' });
    expect(update).toMatchObject({ direction: 'outgoing', message_type: 'status_update' });
    expect(clarification).toMatchObject({ message_type: 'clarification', requires_response: true });
    const replied = await platform.call('POST', `/api/projects/${id}/message`, {
      json: { message: '100', in_reply_to: clarification.id },
    });
    expect(replied.status).toBe(200);
    expect((await until(platform, id, 'COMPLETED')).open_questions).toBe(0);
    const after = (await pages(platform, `/api/projects/${id}/messages`, 'messages', 2)).flat();
    expect(after.find((message) => message.id === replied.json.message_id)).toMatchObject({ content: '100' });
  });

  test('that replies to nothing is refused', async () => {
    const id = await create(platform);
    for (const in_reply_to of [randomUUID(), 'x']) {
      const answer = await platform.call('POST', `/api/projects/${id}/message`, {
        json: { message: 'Hm', in_reply_to },
      });
      expect([answer.status, answer.json.error.details.errors[0].path]).toEqual([400, '/in_reply_to']);
    }
  });
});
