/** @module-tag slow */
/** Questions about a file of activities, on a real node: what waits, what is read again, and what forged events come to. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { createOrchestrator } from '../../actors/orchestrator.ts';
import type { ItemPart } from '../../machines/orchestration/parts.ts';
import type { ActivityInput, Envelope, EventType, Payloads, Row } from '../../schemas/types.ts';
import { ingestTasks } from '../../src/documents/ingest.ts';
import { replay } from '../../src/runtime/replay.ts';
import { type CompiledActor, compileActor } from '../../src/runtime/step.ts';
import { ProjectFiles } from '../../src/store/project-files.ts';
import { SETTINGS } from '../fixtures/project-driver.ts';
import { anEvent, aRequest } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

type Request = Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>;

const socketPath = inject('redisSocket');
const redis = new Redis(socketPath);
const folder = mkdtempSync(join(tmpdir(), 'devteam-activities-'));
let nodes: TestNode[] = [];

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  nodes = [];
});
afterAll(() => {
  redis.disconnect();
  rmSync(folder, { recursive: true });
});

const UNCLEAR = 'Task,Hours,Val\nInvoice check,long,1.5\nServer patch,short,2\nCall the supplier,long,0.5\n';

class World {
  readonly node: TestNode;

  constructor(node: TestNode) {
    this.node = node;
  }

  static async start(): Promise<World> {
    const node = await TestNode.start({ socketPath, namespace: freshNamespace() });
    nodes.push(node);
    return new World(node);
  }

  get keys() {
    return this.node.platform.keys;
  }

  publish(event: Envelope): Promise<unknown> {
    return this.node.platform.publisher.publish(event);
  }

  /** Where the uploaded file of a project lies. */
  fileOf({ payload }: Request): string {
    const files = new ProjectFiles(this.node.config.storage.dir);
    return files.pathOfUpload(payload.project_id, payload.file_info?.artifact_id as string);
  }

  /** Starts a project with a file, as the API does. */
  async upload(csv: string, variation: Partial<Payloads['PROJECT.INITIAL_REQUEST_RECEIVED']> = {}): Promise<Request> {
    const read = await ingestTasks(Buffer.from(csv), 'tasks.csv', { maxRows: 100_000 });
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    const file_info = { filename: 'tasks.csv', content_type: 'text/csv', size: csv.length, artifact_id: randomUUID() };
    const request = aRequest({
      ...{ rows: read.rows as Row[], input: read.input as ActivityInput, file_info },
      ...(read.hourlyRate === null ? { hourly_rate: 100 } : { hourly_rate: read.hourlyRate }),
      ...variation,
    });
    mkdirSync(dirname(this.fileOf(request)), { recursive: true });
    writeFileSync(this.fileOf(request), csv);
    await this.publish(request);
    return request;
  }

  async events<T extends EventType>(type: T): Promise<Envelope<T>[]> {
    const log = await readLog(redis, this.keys);
    return log.filter(({ event }) => event.event_type === type).map(({ event }) => event as Envelope<T>);
  }

  async status({ payload }: Request): Promise<string> {
    const snapshot = await redis.hget(this.keys.state('orchestrator', payload.project_id), 'snapshot');
    return JSON.parse(snapshot ?? '{}').value;
  }

  until(request: Request, status: string): Promise<void> {
    return eventually(`the project is ${status}`, async () => (await this.status(request)) === status);
  }

  rest(): Promise<void> {
    return eventually('all work is done', async () => Object.keys(await openWork(redis, this.keys)).length === 0);
  }

  async question(): Promise<Payloads['QUESTION.CREATED']['question']> {
    await eventually('somebody is asked', async () => (await this.events('QUESTION.CREATED')).length > 0);
    const [created] = await this.events('QUESTION.CREATED');
    return (created as Envelope<'QUESTION.CREATED'>).payload.question;
  }

  answer(request: Request, question_id: string, answer: unknown): Promise<unknown> {
    const { project_id } = request.payload;
    const header = { correlation_id: request.correlation_id };
    return this.publish(anEvent('USER.ANSWER_SUBMITTED', { project_id, question_id, answer } as never, header));
  }

  /** What became of answers, oldest first. */
  async recorded(count: number): Promise<Payloads['QUESTION.ANSWER_RECORDED'][]> {
    await eventually(
      `${count} answers are recorded`,
      async () => (await this.events('QUESTION.ANSWER_RECORDED')).length >= count,
    );
    return (await this.events('QUESTION.ANSWER_RECORDED')).map(({ payload }) => payload);
  }

  async items({ payload }: Request): Promise<ItemPart['item'][]> {
    const parts = await redis.hgetall(this.keys.state('orchestrator', payload.project_id));
    return Object.entries(parts)
      .filter(([name]) => name.startsWith('item:') || name.includes('/item:'))
      .map(([, text]) => (JSON.parse(text) as ItemPart).item);
  }

  async newest(type: string): Promise<Record<string, unknown>> {
    const published = await this.events('DELIVERABLE.PUBLISHED');
    const last = published.findLast(({ payload }) => payload.deliverable.type === type);
    return last?.payload.deliverable.content as Record<string, unknown>;
  }

  /** What is wrong once all is at rest: I1, I2, I9, and I8 by a replay. `running`: projects that wait for somebody. */
  async wrong({ payload }: Request, running = 0): Promise<unknown[]> {
    await this.rest();
    const { maxAttempts } = this.node.config.bus;
    const actor = compileActor(createOrchestrator(SETTINGS)) as CompiledActor;
    const outcome = await replay(redis, this.keys, actor, payload.project_id, maxAttempts);
    const orchestrator = this.node.platform.actors.get('orchestrator') as never;
    const letters = await readDeadLetters(redis, this.keys);
    return [
      ...(outcome.status === 'replayed' ? outcome.differences : [outcome]),
      ...(await findings({ redis, keys: this.keys, orchestrator, maxAttempts }, { running })),
      ...letters.map(({ reason }) => `dead letter: ${reason}`),
    ];
  }
}

const published = async (world: World): Promise<string[]> =>
  (await world.events('DELIVERABLE.PUBLISHED')).map(({ payload }) => payload.deliverable.type);

describe('the question which column holds the time', () => {
  it('lets cost and savings wait and the rest go on, and its answer has the file read again (I8)', async () => {
    const world = await World.start();
    const request = await world.upload(UNCLEAR);
    const question = await world.question();
    expect(question).toMatchObject({ answer_type: 'CHOICE', options: ['Val', 'estimate them'] });
    await eventually('the rest is done', async () => {
      const types = await published(world);
      return types.includes('time_waste_analysis') && types.includes('friction_analysis');
    });
    await world.rest();
    expect(await published(world)).not.toContain('cost_analysis');
    expect(await published(world)).not.toContain('with_agent_scenario');
    expect(await world.newest('time_waste_analysis')).toMatchObject({ total_minutes: 180 });
    expect(await world.wrong(request, 1)).toEqual([]);

    await world.answer(request, question.id, 'Val');
    await world.until(request, 'COMPLETED');
    const [{ accepted, reading }] = (await world.recorded(1)) as [Payloads['QUESTION.ANSWER_RECORDED']];
    expect([accepted, reading?.input.minutes]).toEqual([true, { given: 240, inferred: 0 }]);
    const titles = (await world.events('BACKLOG.ITEM_CREATED')).map(({ payload }) => payload.backlog_item.title);
    expect(titles.filter((title) => title.endsWith(' again')).length).toBe(2);
    expect(await world.newest('time_waste_analysis')).toMatchObject({ total_minutes: 240 });
    expect(await world.newest('cost_analysis')).toMatchObject({ total_hours: 4, monthly_cost: 400 });
    const [report] = await world.events('REPORT.FINAL_PUBLISHED');
    expect(JSON.stringify(report?.payload.report)).toContain('"given":240');
    expect(await world.wrong(request)).toEqual([]);
  });

  it('answered with "estimate them" reads nothing again', async () => {
    const world = await World.start();
    const request = await world.upload(UNCLEAR);
    await world.answer(request, (await world.question()).id, 'estimate them');
    await world.until(request, 'COMPLETED');
    const [{ accepted, reading }] = (await world.recorded(1)) as [Payloads['QUESTION.ANSWER_RECORDED']];
    expect([accepted, reading]).toEqual([true, undefined]);
    expect(await world.newest('time_waste_analysis')).toMatchObject({ total_minutes: 180 });
    expect(await world.wrong(request)).toEqual([]);
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ['is gone', (path) => rmSync(path), /is not in STORAGE_DIR/],
    [
      'has become another one without the column',
      (path) => writeFileSync(path, 'Task,Other\nA,1\nB,2\n'),
      /there is no column "Val"/,
    ],
    ['has become empty', (path) => writeFileSync(path, ''), /empty sheet/],
    [
      'has become a picture',
      (path) => writeFileSync(path, Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')),
      /no table we can read/,
    ],
  ])('stays open with the reason when the file %s, and can still be answered', async (_, spoil, reason) => {
    const world = await World.start();
    const request = await world.upload(UNCLEAR);
    const { id } = await world.question();
    spoil(world.fileOf(request));
    await world.answer(request, id, 'Val');
    const [refused] = (await world.recorded(1)) as [Payloads['QUESTION.ANSWER_RECORDED']];
    expect(refused).toMatchObject({ accepted: false, reason: expect.stringMatching(reason) });
    expect(await world.status(request)).not.toMatch(/COMPLETED|FAILED/);
    expect(await world.wrong(request, 1)).toEqual([]);
    writeFileSync(world.fileOf(request), UNCLEAR);
    await world.answer(request, id, 'Val');
    await world.until(request, 'COMPLETED');
    expect(await world.newest('cost_analysis')).toMatchObject({ total_hours: 4 });
    expect(await world.wrong(request)).toEqual([]);
  });

  it('refuses what is none of its options, and stays open', async () => {
    const world = await World.start();
    const request = await world.upload(UNCLEAR);
    const { id } = await world.question();
    const answers = ['Task', 'val', ' Val', 'nobody', '', 7, null, ['Val'], { toString: 'Val' }, '__proto__'];
    for (const answer of answers) await world.answer(request, id, answer);
    const recorded = await world.recorded(answers.length);
    expect(recorded.map(({ accepted }) => accepted)).toEqual(answers.map(() => false));
    expect(await world.wrong(request, 1)).toEqual([]);
  });

  it('takes one of several answers that race', async () => {
    const world = await World.start();
    const request = await world.upload(UNCLEAR);
    const { id } = await world.question();
    await Promise.all(['Val', 'estimate them', 'Val', 'Val'].map((answer) => world.answer(request, id, answer)));
    const recorded = await world.recorded(4);
    expect(recorded.filter(({ accepted }) => accepted)).toHaveLength(1);
    await world.until(request, 'COMPLETED');
    const isRead = recorded.some(({ accepted, reading }) => accepted && reading !== undefined);
    expect(await world.newest('cost_analysis')).toMatchObject({ total_hours: isRead ? 4 : 3 });
    expect(await world.wrong(request)).toEqual([]);
  });

  it('is dropped by a stop while the file is being read again, and the late reading changes nothing (I8)', async () => {
    const world = await World.start();
    const many = Array.from({ length: 20_000 }, (_, i) => `Activity ${i},long,${i % 7}`).join('\n');
    const request = await world.upload(UNCLEAR);
    const { id } = await world.question();
    writeFileSync(world.fileOf(request), `Task,Hours,Val\n${many}\n`);
    const { project_id } = request.payload;
    await world.answer(request, id, 'Val');
    await world.publish(anEvent('PROJECT.STOP_REQUESTED', { project_id }, { correlation_id: request.correlation_id }));
    await world.until(request, 'STOPPED');
    await world.rest();
    expect(await published(world)).not.toContain('cost_analysis');
    expect(await world.wrong(request)).toEqual([]);
  });
});

describe('the question whether it is a list of activities', () => {
  const CUSTOMERS = 'Customer,City,E-mail\nAcme,Rome,a@acme.example\nBeta,Oslo,b@beta.example\n';

  it.each([
    [true, 'COMPLETED'],
    [false, 'FAILED'],
  ])('answered with %s has the project end as %s', async (given, status) => {
    const world = await World.start();
    const request = await world.upload(CUSTOMERS);
    const question = await world.question();
    expect(question.answer_type).toBe('BOOLEAN');
    expect(await published(world)).toEqual([]);
    await world.answer(request, question.id, given);
    await world.until(request, status);
    expect((await published(world)).includes('cost_analysis')).toBe(given);
    expect(await world.wrong(request)).toEqual([]);
  });
});

describe('rates of a file', () => {
  it('answer the question for the rate, row by row', async () => {
    const world = await World.start();
    const request = await world.upload('Task,Hours,Hourly rate\nInvoice check,1,50\nServer patch,3,100\n');
    await world.until(request, 'COMPLETED');
    expect(await world.events('QUESTION.CREATED')).toEqual([]);
    expect(await world.newest('cost_analysis')).toMatchObject({ total_hours: 4, monthly_cost: 350 });
    expect(await world.wrong(request)).toEqual([]);
  });

  it('of several currencies leave the question open', async () => {
    const read = await ingestTasks(
      Buffer.from('Task,Hours,Hourly rate\nInvoice check,1,€50\nServer patch,3,$100\n'),
      'tasks.csv',
      { maxRows: 10 },
    );
    expect(read).toMatchObject({ ok: true, hourlyRate: null });
    expect(JSON.stringify(read)).toMatch(/in several currencies/);
  });
});

describe('a forged request', () => {
  const reading = async (): Promise<ActivityInput> => {
    const read = await ingestTasks(Buffer.from(UNCLEAR), 'tasks.csv', { maxRows: 10 });
    return (read as { input: ActivityInput }).input;
  };
  const rows: Row[] = [{ text: 'Invoice check', estimated_minutes: 30, estimate_source: 'inferred' }];

  it.each<[string, object]>([
    ['without the file that its question is about', { file_info: undefined }],
    ['with a file that is nowhere', { file_info: { filename: 'a.csv', artifact_id: randomUUID() } }],
    [
      'with an artifact id that leads elsewhere',
      { file_info: { filename: 'a.csv', artifact_id: '../../../etc/passwd' } },
    ],
    ['with 50 options', { question: { about: 'time column', options: Array.from({ length: 50 }, (_, i) => `c${i}`) } }],
    [
      'with options that are all the same',
      { question: { about: 'time column', options: Array(12).fill('estimate them') } },
    ],
    ['with no options', { question: { about: 'time column' } }],
    ['with options of a megabyte', { question: { about: 'time column', options: ['x'.repeat(1_000_000)] } }],
    ['with options that are no texts', { question: { about: 'time column', options: [1, null, {}] } }],
    ['with a question about nothing', { question: { about: 'nonsense' } }],
    [
      'with an input of counts that are no counts',
      { rowsRead: { read: -1, given: 1e300, inferred: 0.5, ignored: {} } },
    ],
    [
      'with a reference to rows that are nowhere',
      { rows_ref: { artifact_id: randomUUID(), count: 5, bytes: 10, sha256: 'a'.repeat(64) } },
    ],
    [
      'with a reference to rows beyond all sizes',
      { rows_ref: { artifact_id: randomUUID(), count: 1e15, bytes: 1e15, sha256: 'a'.repeat(64) } },
    ],
  ])('%s is refused, or does no harm to the next one', async (_, forged) => {
    const world = await World.start();
    const { question, rowsRead, ...payload } = forged as Record<string, unknown>;
    const own = await reading();
    const input = {
      ...own,
      ...(question !== undefined && { question }),
      ...(rowsRead !== undefined && { rows: rowsRead }),
    };
    const request = aRequest({ ...{ rows, hourly_rate: 100, input }, ...payload } as never);
    await redis.xadd(world.keys.log, '*', 'event', JSON.stringify(request));
    await world.rest();
    for (const { payload: asked } of await world.events('QUESTION.CREATED')) {
      if (asked.question.project_id !== request.payload.project_id) continue;
      for (const answer of [...(asked.question.options ?? []).slice(0, 2), 'estimate them', true, 1e308, '__proto__']) {
        await redis.xadd(
          world.keys.log,
          '*',
          'event',
          JSON.stringify(
            anEvent('USER.ANSWER_SUBMITTED', {
              ...{ project_id: request.payload.project_id, question_id: asked.question.id, answer },
            } as never),
          ),
        );
      }
    }
    const honest = await world.upload('Task,Hours\nInvoice check,1\nServer patch,2\n');
    await world.until(honest, 'COMPLETED');
    await world.rest();
    expect(await world.newest('cost_analysis')).toBeDefined();
    for (const { payload: deliverable } of await world.events('DELIVERABLE.PUBLISHED')) {
      expect(JSON.stringify(deliverable)).not.toMatch(/NaN|Infinity/);
    }
    expect(await readDeadLetters(redis, world.keys)).toSatisfy((letters: { reason: string }[]) =>
      letters.every(({ reason }) => /invalid|schema|attempts|refused|max/i.test(reason)),
    );
    const { maxAttempts } = world.node.config.bus;
    const actor = compileActor(createOrchestrator(SETTINGS)) as CompiledActor;
    for (const { payload: of } of [request, honest]) {
      const outcome = await replay(redis, world.keys, actor, of.project_id, maxAttempts);
      if (outcome.status === 'replayed') expect(outcome.differences).toEqual([]);
    }
  });
});
