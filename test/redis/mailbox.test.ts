/** Reading deliveries, also over broken connections and lost streams. */
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { connectForDeliveries } from '../../src/bus/connection.ts';
import { createGroup, Mailbox } from '../../src/bus/mailbox.ts';
import { freshNamespace } from '../support/test-node.ts';

const redis = new Redis(inject('redisSocket'));
const NOTHING: ReadonlySet<string> = new Set();
const BLOCK_MS = 100;
let stream: string;
let reader: Redis;
let mailbox: Mailbox;
let lost: number;

beforeEach(async () => {
  stream = `${freshNamespace()}:mailbox:worker`;
  await createGroup(redis, stream, 'g');
  reader = connectForDeliveries({ socketPath: inject('redisSocket') }, BLOCK_MS);
  lost = 0;
  const onGroupLost = () => void lost++;
  mailbox = new Mailbox(reader, { stream, group: 'g', consumer: 'me', blockMs: BLOCK_MS, onGroupLost });
});
afterEach(() => {
  reader.disconnect();
});
afterAll(() => {
  redis.disconnect();
});

const append = async (text: string) => (await redis.xadd(stream, '*', 'events', text)) as string;
/** Delivered to this consumer, but the reply never arrived. */
const deliverUnseen = () => redis.xreadgroup('GROUP', 'g', 'me', 'COUNT', 1000, 'STREAMS', stream, '>');
const idsOf = async (inWork = NOTHING) => (await mailbox.read(10, inWork)).map(({ id }) => id);

/** Ends the reader's connection from the server's side while `meanwhile` is under way. */
async function cut<T>(meanwhile: () => Promise<T>): Promise<T> {
  const id = await reader.client('ID');
  const result = meanwhile();
  await redis.call('CLIENT', 'KILL', 'ID', id);
  return result;
}

describe('a mailbox', () => {
  it('hands out what is new, so much at a time, and nothing after waiting in vain', async () => {
    const ids = [await append('1'), await append('2'), await append('3')];
    expect((await mailbox.read(2, NOTHING)).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(await mailbox.read(2, NOTHING)).toEqual([{ id: ids[2], fields: ['events', '3'] }]);
    expect(await mailbox.read(2, NOTHING)).toEqual([]);
  });

  it('hands out what a lost reply had delivered, once the connection stands again, before anything new (I1)', async () => {
    expect(await idsOf()).toEqual([]);
    const unseen = [await append('1'), await append('2')];
    await deliverUnseen();
    expect(await cut(() => mailbox.read(10, NOTHING))).toEqual([]);
    const fresh = await append('3');
    expect(await idsOf()).toEqual(unseen);
    expect(await idsOf(new Set(unseen))).toEqual([fresh]);
  });

  it('does not hand out again what is in work when the connection breaks', async () => {
    // Its first read looks into the history; the one that is cut must not.
    expect(await idsOf()).toEqual([]);
    const [working, unseen] = [await append('1'), await append('2')];
    await deliverUnseen();
    await cut(() => mailbox.read(10, NOTHING));
    expect(await idsOf(new Set([working]))).toEqual([unseen]);
  });

  it('looks into its history page by page, however much there is', async () => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 2_500; i++) pipeline.xadd(stream, '*', 'events', String(i));
    await pipeline.exec();
    for (let page = 0; page < 3; page++) await deliverUnseen();
    mailbox.recheck();
    expect(await mailbox.read(10, NOTHING)).toHaveLength(2_500);
  });

  it('counts no delivery for a look into its history: its connections may break often (I6)', async () => {
    await append('1');
    await deliverUnseen();
    for (let look = 0; look < 3; look++) {
      mailbox.recheck();
      expect(await mailbox.read(10, NOTHING)).toHaveLength(1);
    }
    expect(await redis.xpending(stream, 'g', '-', '+', 10)).toMatchObject([
      [expect.any(String), 'me', expect.any(Number), 1],
    ]);
  });

  it('shows a delivery whose entry was deleted as one without content', async () => {
    const id = await append('1');
    await deliverUnseen();
    await redis.xdel(stream, id);
    mailbox.recheck();
    expect(await mailbox.read(10, NOTHING)).toEqual([{ id, fields: null }]);
  });

  it('makes its group anew when the stream was deleted, tells of it, and goes on', async () => {
    await redis.del(stream);
    expect(await mailbox.read(10, NOTHING)).toEqual([]);
    expect(lost).toBe(1);
    const id = await append('1');
    expect(await idsOf()).toEqual([id]);
  });

  it('makes its group anew when the stream is deleted while it waits', async () => {
    const waiting = mailbox.read(10, NOTHING);
    await redis.del(stream);
    expect(await waiting).toEqual([]);
    expect(await idsOf()).toEqual([]);
    expect(lost).toBe(1);
  });

  it('fails once its connection was ended for good', async () => {
    reader.disconnect();
    await mailbox.read(10, NOTHING).catch(() => {});
    await expect(mailbox.read(10, NOTHING)).rejects.toThrow(/closed/);
  });
});
