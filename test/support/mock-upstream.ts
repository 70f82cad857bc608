/**
 * An upstream of the gateway that costs nothing: speaks the wires of OpenAI, Anthropic and Google over a real socket,
 * answers what the request asks it to, fails as its script says and keeps books.
 *
 * The answer follows from the last user message: `use tool <name> with <json>` calls that tool, `answer json <json>` and
 * `say <text>` give just that; a demanded schema is met; all else is `w1 w2 … w60`, one token per word. A token limit
 * cuts the answer.
 */
import type { AddressInfo, Socket } from 'node:net';
import { type Bill, type Billed, Books, type Call } from './mock-upstream/books.ts';
import type { Desk, MockSettings } from './mock-upstream/desk.ts';
import { expressLane } from './mock-upstream/express-lane.ts';
import { httpLane } from './mock-upstream/http-lane.ts';
import { type Rule, Script } from './mock-upstream/script.ts';

export interface MockOptions extends MockSettings {
  /** 0, the default: any free one. */
  port?: number;
  /** False: no record of calls, only totals; plain requests are then served at the least cost. */
  record?: boolean;
}

export interface MockUpstream {
  /** `http://127.0.0.1:<port>`. OpenAI clients want `/v1` behind it. */
  url: string;
  port: number;
  /** Requests as received, first to last. */
  readonly calls: readonly Call[];
  readonly billedCalls: readonly Bill[];
  billed(): Billed;
  /** Replaces the rules. */
  script(rules: readonly Rule[]): void;
  /** Forgets rules, calls and bills. */
  reset(): void;
  /** Cuts all connections. */
  close(): Promise<void>;
}

export async function startMockUpstream(options: MockOptions = {}): Promise<MockUpstream> {
  const { port = 0, record = true, ...settings } = options;
  let lastId = 0;
  const desk: Desk = { settings, script: new Script(), books: new Books(record), nextId: () => ++lastId };
  const lane = httpLane(desk);
  const server = record ? lane : expressLane(desk, lane);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    get calls() {
      return desk.books.calls;
    },
    get billedCalls() {
      return desk.books.billedCalls;
    },
    billed: () => ({ ...desk.books.billed }),
    script: (rules) => desk.script.set(rules),
    reset() {
      desk.script.set([]);
      desk.books.reset();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
