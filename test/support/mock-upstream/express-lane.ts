/**
 * Serves plain requests straight over the socket, at a fraction of what node:http costs, for benchmarks.
 *
 * Takes a connection as long as its requests are small, valid and unscripted; the first other one takes the connection
 * to the server of node:http, for good. Keeps no record of calls, only the totals of what is billed.
 */
import type { Server } from 'node:http';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { checkKey, type Desk, parsed, readRequest, wireOf } from './desk.ts';
import { planOf } from './plan.ts';
import { type Plan, Rejected, type RequestHead, type Wire } from './wire.ts';

const MAX_BODY_BYTES = 65_536;
/** Sizes of input vary without end in a long run. */
const MAX_PREPARED = 1_000;

interface Head extends RequestHead {
  wire: Wire;
  bodyBytes: number;
}

interface Prepared {
  bytes: string;
  plan: Plan;
}

export function expressLane(desk: Desk, others: Server): NetServer {
  const prepared = new Map<string, Prepared>();
  return createServer({ noDelay: true }, (socket) => connect(desk, prepared, others, socket));
}

function connect(desk: Desk, prepared: Map<string, Prepared>, others: Server, socket: Socket): void {
  let pending: Buffer | null = null;
  let headText = '';
  let head: Head | null = null;
  let isBusy = false;
  const handOver = (bytes: Buffer) => {
    socket.off('data', receive);
    socket.off('error', ignore);
    socket.pause();
    socket.unshift(bytes);
    others.emit('connection', socket);
    socket.resume();
  };
  const ignore = () => {}; // A client that resets its connection is gone; there is no more to it.
  const receive = (chunk: Buffer) => {
    let bytes = pending ? Buffer.concat([pending, chunk]) : chunk;
    pending = null;
    while (bytes.length > 0) {
      const headEnd = isBusy ? -1 : bytes.indexOf('\r\n\r\n');
      if (headEnd < 0) {
        pending = bytes;
        return;
      }
      const text = bytes.toString('latin1', 0, headEnd);
      if (text !== headText) {
        headText = text;
        head = headOf(desk, text);
      }
      const end = headEnd + 4 + (head?.bodyBytes ?? 0);
      if (!head || !desk.script.isEmpty || end > MAX_BODY_BYTES) return handOver(bytes);
      if (bytes.length < end) {
        pending = bytes;
        return;
      }
      const ready = prepare(desk, prepared, head, bytes.toString('utf8', headEnd + 4, end));
      if (!ready) return handOver(bytes);
      bytes = bytes.subarray(end);
      const { latencyMs = 0 } = desk.settings;
      if (latencyMs === 0) {
        send(ready);
      } else {
        isBusy = true;
        setTimeout(() => {
          isBusy = false;
          if (!socket.destroyed) send(ready);
          const rest = pending;
          pending = null;
          if (rest) receive(rest);
        }, latencyMs);
      }
    }
  };
  const send = ({ bytes, plan }: Prepared) => {
    desk.books.settle(plan.billed);
    socket.write(bytes, 'latin1');
  };
  socket.on('data', receive);
  socket.on('error', ignore);
}

/** Null: not for this lane. */
function headOf(desk: Desk, text: string): Head | null {
  const [request = '', ...lines] = text.split('\r\n');
  const [method, path = ''] = request.split(' ');
  const wire = method === 'POST' ? wireOf(path) : null;
  if (!wire) return null;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const bodyBytes = Number(headers['content-length']);
  const isPlain = Number.isInteger(bodyBytes) && !headers.expect && !/close/i.test(headers.connection ?? '');
  if (!isPlain) return null;
  return unlessRejected(() => {
    checkKey(desk, wire, { path, headers });
    return { path, headers, wire, bodyBytes };
  });
}

/** The bytes of the whole answer, in Latin-1. Null: not for this lane. */
function prepare(desk: Desk, prepared: Map<string, Prepared>, head: Head, body: string): Prepared | null {
  const { wire } = head;
  const asked = unlessRejected(() => readRequest(desk, wire, head, parsed(body)));
  if (!asked || (asked.stream && desk.settings.tokenDelayMs)) return null;
  const { model, stream, limit, inputTokens, choices, tellsUsage } = asked;
  const plan = planOf(asked, {});
  const key = plan.isDefault ? `${wire.name} ${model} ${stream} ${limit} ${inputTokens} ${choices} ${tellsUsage}` : '';
  const known = prepared.get(key);
  if (known) return known;
  const id = `${wire.idPrefix}${desk.nextId()}`;
  const text = stream
    ? wire
        .frames(plan, id)
        .map(({ bytes }) => bytes)
        .join('') // As one piece: there is no time between the tokens.
    : JSON.stringify(wire.whole(plan, id));
  const content = Buffer.from(text).toString('latin1');
  const type = stream ? 'text/event-stream' : 'application/json';
  const about = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n${wire.idHeader}: ${id}\r\n`;
  const ready = {
    plan,
    bytes: stream
      ? `${about}Transfer-Encoding: chunked\r\n\r\n${content.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`
      : `${about}Content-Length: ${content.length}\r\n\r\n${content}`,
  };
  if (plan.isDefault) {
    if (prepared.size >= MAX_PREPARED) prepared.clear();
    prepared.set(key, ready);
  }
  return ready;
}

/** Null: rejected. The other lane says why. */
function unlessRejected<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
}
