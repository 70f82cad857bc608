import { randomUUID } from 'node:crypto';
import { type ClientRequest, get } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Served, serveApp } from '../../src/http/serve.ts';
import { ANALYSIS, create, startPlatform, type TestPlatform, until } from './platform.ts';

interface Message {
  id?: string;
  event?: string;
  data?: string;
  retry?: string;
  comment?: string;
}

/** A client that reads messages as they come. */
class Client {
  readonly messages: Message[] = [];
  status = 0;
  #request: ClientRequest;
  #text = '';

  constructor(port: number, query = '', headers: Record<string, string> = {}) {
    this.#request = get({ port, host: '127.0.0.1', path: `/api/stream${query}`, headers, agent: false }, (response) => {
      this.status = response.statusCode ?? 0;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => this.#take(chunk));
      response.on('error', () => {});
    });
    this.#request.on('error', () => {});
  }

  #take(chunk: string): void {
    this.#text += chunk;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const message: Message = {};
      for (const line of block.split('\n')) {
        const colon = line.indexOf(': ');
        if (colon === 0) message.comment = line.slice(2);
        else message[line.slice(0, colon) as keyof Message] = line.slice(colon + 2);
      }
      this.messages.push(message);
    }
  }

  get events(): Message[] {
    return this.messages.filter(({ event }) => event !== undefined);
  }

  async opened(): Promise<this> {
    await expect.poll(() => this.status, { interval: 5 }).not.toBe(0);
    if (this.status === 200) await expect.poll(() => this.messages.length, { interval: 5 }).toBeGreaterThan(0);
    return this;
  }

  close(): void {
    this.#request.destroy();
  }
}

let platform: TestPlatform;
let served: Served;
const clients: Client[] = [];
beforeAll(async () => {
  const streamLimits = {
    perCaller: 5,
    perProcess: 7,
    heartbeatMs: 40,
    waitingBytes: 64 * 1024,
    graceMs: 50,
    stalledMs: 2_000,
  };
  platform = await startPlatform({ TRUST_PROXY: '1' }, { streamLimits });
  served = await serveApp(platform.app, { host: '127.0.0.1', port: 0, requestTimeoutMs: 30_000 });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  platform.close();
  await served.close(100);
  await platform.stop();
});

function open(query = '', headers: Record<string, string> = {}): Client {
  const client = new Client(served.port, query, headers);
  clients.push(client);
  return client;
}
const logIds = async () => (await platform.node.redis.xrange(platform.node.keys.log, '-', '+')).map(([id]) => id);
const append = (event: object) =>
  platform.node.redis.xadd(platform.node.keys.log, '*', 'event', JSON.stringify(event, null, 1));
const outside = (more: object = {}) => ({
  event_id: randomUUID(),
  event_type: 'WORK.ITEM_STARTED',
  event_version: 1,
  timestamp: new Date().toISOString(),
  source: 'somebody',
  instance: 'else/1',
  correlation_id: randomUUID(),
  causation_id: null,
  payload: { project_id: randomUUID(), backlog_item_id: randomUUID() },
  ...more,
});

/** What node-server hands an app along with a request. */
const connectionOf = (destroy: (() => void) | undefined) => ({
  incoming: { headers: {}, socket: { remoteAddress: '10.7.7.7' } },
  outgoing: { destroy: destroy ?? (() => {}) },
});

describe('the stream', () => {
  test('shows every event of a project in log order, as it is in the log', async () => {
    const client = await open().opened();
    const id = await create(platform);
    await until(platform, id, 'COMPLETED');
    const { json } = await platform.call('GET', `/api/projects/${id}/events?limit=200`);
    await expect.poll(() => client.events.length).toBeGreaterThanOrEqual(33);
    expect(client.messages[0]).toEqual({ retry: '2000' });
    expect(client.events.map((message) => message.id)).toEqual(
      json.events.map((each: { log_id: string }) => each.log_id),
    );
    expect(client.events.map(({ data }) => JSON.parse(data as string))).toEqual(
      json.events.map((each: { event: unknown }) => each.event),
    );
    expect(client.events.map(({ event }) => event)).toEqual(
      json.events.map((each: { event: { event_type: string } }) => each.event.event_type),
    );
  });

  test('shows only what its filters all allow', async () => {
    const correlation = randomUUID();
    const mine = await platform.call('POST', '/api/projects', {
      json: ANALYSIS,
      headers: { 'x-correlation-id': correlation },
    });
    const { project_id } = mine.json;
    await until(platform, project_id, 'COMPLETED');
    const query = `?project_id=${project_id}&type=PROJECT.*,WORK.ITEM_REVIEWED&last_event_id=0-0`;
    const client = open(query);
    const byCorrelation = open(`?correlation_id=${correlation.toUpperCase()}&type=PROJECT.COMPLETED&last_event_id=0-0`);
    const none = open(`?project_id=${project_id}&correlation_id=${randomUUID()}&last_event_id=0-0`);
    await expect
      .poll(() => client.events.map(({ event }) => event))
      .toEqual(['PROJECT.INITIAL_REQUEST_RECEIVED', ...Array(5).fill('WORK.ITEM_REVIEWED'), 'PROJECT.COMPLETED']);
    await expect.poll(() => byCorrelation.events.length).toBe(1);
    expect((await none.opened()).events).toEqual([]);
  });

  test('goes on after the last id, without a gap or a repetition, while more is appended', async () => {
    await create(platform);
    const before = await logIds();
    const middle = before[Math.floor(before.length / 2)] as string;
    const client = open('', { 'last-event-id': middle });
    const ids = await Promise.all(Array.from({ length: 10 }, () => create(platform)));
    for (const id of ids) await until(platform, id, 'COMPLETED');
    const expected = (await logIds()).filter(
      (id) => before.indexOf(id) > before.indexOf(middle) || !before.includes(id),
    );
    await expect.poll(() => client.events.length, { timeout: 10_000 }).toBe(expected.length);
    expect(client.events.map(({ id }) => id)).toEqual(expected);
  });

  test('shows what came from outside once it is valid, and once only', async () => {
    const client = await open('?type=WORK.ITEM_STARTED').opened();
    const good = outside();
    await append(outside({ payload: {} }));
    await append(outside({ event_type: 'NO.SUCH_TYPE' }));
    await platform.node.redis.xadd(platform.node.keys.log, '*', 'event', JSON.stringify(outside()), 'mark', 'guessed');
    await platform.node.redis.xadd(platform.node.keys.log, '*', 'event', '{"no":"json');
    await append(good);
    await append(good);
    await append({ ...good, event_id: good.event_id.toUpperCase() });
    const last = outside();
    await append(last);
    await expect.poll(() => client.events.length).toBe(2);
    expect(client.events.map(({ data }) => JSON.parse(data as string).event_id)).toEqual([
      good.event_id,
      last.event_id,
    ]);
    const again = open('?type=WORK.ITEM_STARTED', { 'last-event-id': '0-0' });
    await expect.poll(() => again.events.at(-1)?.data).toBe(JSON.stringify(last));
    expect(again.events.filter(({ data }) => (data as string).includes(good.event_id))).toHaveLength(1);
  });

  test('says so when its position is not in the log any more, or not yet, and begins with the oldest', async () => {
    const { redis, keys } = platform.node;
    const ids = await logIds();
    const kept = ids[5] as string;
    await redis.xtrim(keys.log, 'MINID', kept);
    const old = open('', { 'last-event-id': ids[0] as string });
    const future = open('?last_event_id=99999999999999-0');
    for (const client of [old, future]) {
      await expect.poll(() => client.events.length).toBeGreaterThan(1);
      expect(client.events[0]).toEqual({ event: 'reset', data: JSON.stringify({ first_event_id: kept }) });
      expect(client.events[1]?.id).toBe(kept);
    }
    const retained = open('', { 'last-event-id': kept });
    await expect.poll(() => retained.events.length).toBeGreaterThan(0);
    expect(retained.events[0]?.id).toBe((await logIds())[1]);
  });

  test('refuses an id that none can be', async () => {
    for (const id of [
      'x',
      '1',
      '-',
      '1-',
      '-1',
      '01-0',
      '1-0-0',
      '99999999999999999999-0',
      '1-99999999999999999999',
      '0x1-0',
    ]) {
      const client = await open('', { 'last-event-id': id }).opened();
      expect([id, client.status]).toEqual([id, 400]);
    }
    expect((await platform.call('GET', '/api/stream?last_event_id=')).status).toBe(400);
    expect((await platform.call('GET', '/api/stream?type=work.*')).status).toBe(400);
  });

  test('pings while nothing happens', async () => {
    const client = await open('?type=NONE.*').opened();
    await expect.poll(() => client.messages.filter(({ comment }) => comment === 'ping').length).toBeGreaterThan(1);
    expect(client.events).toEqual([]);
  });

  test('lets a caller have five at a time and a process so many, and frees them when they end', async () => {
    const held = await Promise.all(Array.from({ length: 5 }, () => open().opened()));
    expect(held.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const sixth = await open().opened();
    expect(sixth.status).toBe(429);
    const elsewhere = (n: number) => open('', { 'x-forwarded-for': `10.0.0.${n}` }).opened();
    expect([(await elsewhere(1)).status, (await elsewhere(2)).status, (await elsewhere(3)).status]).toEqual([
      200, 200, 503,
    ]);
    for (const client of held) client.close();
    await expect
      .poll(async () => {
        const client = await open().opened();
        return client.status;
      })
      .toBe(200);
  });

  const prompts = '?type=USER.PROMPT_SUBMITTED';
  const prompt = (sizeBytes: number) =>
    outside({
      event_type: 'USER.PROMPT_SUBMITTED',
      payload: { project_id: randomUUID(), prompt: 'x'.repeat(sizeBytes) },
    });

  test('sends a slow reader away with the id it has come to, and that id leads on without a gap', async () => {
    const slow = await platform.app.request(`/api/stream${prompts}`, {}, connectionOf(undefined));
    const fast = await open(prompts).opened();
    const sent: string[] = [];
    for (let n = 0; n < 30; n++) {
      const event = prompt(10_000);
      sent.push(event.event_id);
      await append(event);
    }
    await expect.poll(() => fast.events.length, { timeout: 5_000 }).toBe(30);
    expect(fast.events.map(({ data }) => JSON.parse(data as string).event_id)).toEqual(sent);
    // Not read until now, it ends by itself, with no more in it than may wait and one event.
    const text = await slow.text();
    expect(text.length).toBeLessThan(64 * 1024 + 12_000);
    const blocks = text
      .trimEnd()
      .split('\n\n')
      .filter((block) => block.startsWith('id: '));
    const last = /^id: (.+)\nevent: resync\ndata: (.+)$/.exec(blocks.pop() as string) as RegExpExecArray;
    const seen = blocks.map((block) => JSON.parse(block.slice(block.indexOf('data: ') + 6)).event_id);
    expect(seen).toEqual(sent.slice(0, seen.length));
    expect(seen.length).toBeGreaterThan(5);
    expect([blocks.at(-1)?.split('\n')[0], JSON.parse(last[2] as string)]).toEqual([
      `id: ${last[1]}`,
      { last_event_id: last[1] },
    ]);
    const rest = open(prompts, { 'last-event-id': last[1] as string });
    await expect.poll(() => rest.events.length).toBe(30 - seen.length);
    expect(rest.events.map(({ data }) => JSON.parse(data as string).event_id)).toEqual(sent.slice(seen.length));
  });

  test('cuts off a client that reads nothing even then', async () => {
    let destroyed = 0;
    const env = connectionOf(() => {
      destroyed++;
    });
    const slow = await platform.app.request(`/api/stream${prompts}`, {}, env);
    for (let n = 0; n < 10; n++) await append(prompt(10_000));
    await expect.poll(() => destroyed, { timeout: 5_000 }).toBe(1);
    await slow.body?.cancel();
  });

  test('lets a fast reader have a burst that is far larger than what may wait', async () => {
    const client = await open(prompts).opened();
    const pipeline = platform.node.redis.pipeline();
    for (let n = 0; n < 300; n++) pipeline.xadd(platform.node.keys.log, '*', 'event', JSON.stringify(prompt(15_000)));
    const ids = ((await pipeline.exec()) ?? []).map(([, id]) => id);
    await expect.poll(() => client.events.length, { timeout: 10_000 }).toBe(300);
    expect(client.events.map(({ id }) => id)).toEqual(ids);
  });

  test('sends one event that is larger than what may wait', async () => {
    const client = await open('?type=USER.PROMPT_SUBMITTED').opened();
    const context = Array.from({ length: 20 }, () => ({ text: 'y'.repeat(20_000) }));
    const large = outside({
      event_type: 'USER.PROMPT_SUBMITTED',
      payload: { project_id: randomUUID(), prompt: 'p', context },
    });
    await append(large);
    const small = prompt(10);
    await append(small);
    await expect.poll(() => client.events.length).toBe(2);
    expect(client.events.map(({ data }) => JSON.parse(data as string))).toEqual([large, small]);
  });

  test('stops reading the log when nobody watches, and starts again', async () => {
    for (const client of clients.splice(0)) client.close();
    const client = await open('?type=WORK.ITEM_STARTED').opened();
    client.close();
    const readers = async () =>
      ((await platform.node.redis.client('LIST')) as string)
        .split('\n')
        .filter((line) => / cmd=xread\b/.test(line) && / flags=b/.test(line)).length;
    await expect.poll(readers).toBe(0);
    const again = await open('?type=WORK.ITEM_STARTED').opened();
    const event = outside();
    await append(event);
    await expect.poll(() => again.events.length).toBe(1);
    expect(await readers()).toBeLessThanOrEqual(1);
  });
});
