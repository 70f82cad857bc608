/**
 * A wire between a process and Redis that a test can cut at any command: just before Redis gets it, or when Redis has done
 * it and the answer has not arrived.
 *
 * Owns: the port, the connections, and reading commands off them. Does not own what is done to the process then.
 */
import { type AddressInfo, createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';

export type Cut = 'before' | 'after';
/** Looks at each command, its name first; says where to cut, if there. */
export type Judge = (command: readonly string[]) => Cut | null;

const MARK = 'cut-here';
const ECHO = `*2\r\n$4\r\nECHO\r\n$${MARK.length}\r\n${MARK}\r\n`;

export class RedisWire {
  /** What the process under test is given. */
  readonly url: string;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #judge: Judge = () => null;
  #onCut: () => void = () => {};
  #isCut = false;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (client) => this.#connected(client));
  }

  /** @param target port of Redis on the loopback address */
  static async start(target: number): Promise<RedisWire> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new RedisWire(server, target);
  }

  /** Resolves when the wire is cut: from then on nothing passes, in either direction. */
  cutWhere(judge: Judge): Promise<void> {
    this.#judge = judge;
    return new Promise((resolve) => {
      this.#onCut = resolve;
    });
  }

  cut(): void {
    this.#isCut = true;
    this.#onCut();
  }

  /** What was connected is gone; new connections pass. */
  mend(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#isCut = false;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #connected(client: Socket): void {
    const redis = tcpConnect(this.#target, '127.0.0.1');
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    let unread: Buffer = Buffer.alloc(0);
    client.on('data', (bytes: Buffer) => {
      unread = Buffer.concat([unread, bytes]);
      for (let length = 0; !this.#isCut; unread = unread.subarray(length)) {
        const found = readCommand(unread);
        if (!found) return;
        length = found.length;
        const where = this.#judge(found.command);
        if (where === 'before') return this.cut();
        redis.write(unread.subarray(0, length));
        if (where !== 'after') continue;
        // Nothing is let through any more; what Redis says after the command is that the command is done.
        this.#isCut = true;
        redis.write(ECHO);
        let said = '';
        redis.on('data', (answer: Buffer) => {
          said = (said + answer.toString('latin1')).slice(-2 * MARK.length);
          if (said.includes(MARK)) this.#onCut();
        });
      }
    });
    redis.on('data', (bytes: Buffer) => {
      if (!this.#isCut) client.write(bytes);
    });
  }
}

/** The command at the start of `bytes` and its length; null if it is not whole. */
function readCommand(bytes: Buffer): { command: string[]; length: number } | null {
  let at = 0;
  const line = (): string | null => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return null;
    const text = bytes.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  const head = line();
  if (head === null) return null;
  const command: string[] = [];
  for (let left = Number(head.slice(1)); left > 0; left--) {
    const size = line();
    if (size === null) return null;
    const end = at + Number(size.slice(1));
    if (bytes.length < end + 2) return null;
    command.push(bytes.toString('utf8', at, end));
    at = end + 2;
  }
  return { command, length: at };
}
