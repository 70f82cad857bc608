/** Serves any request over node:http, with all faults and a record of each call. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Call } from './books.ts';
import { checkKey, type Desk, parsed, readRequest, wireOf } from './desk.ts';
import { Outlet } from './outlet.ts';
import { planOf } from './plan.ts';
import type { Act } from './script.ts';
import { type Asked, type ErrorOptions, type Plan, Rejected, type Wire } from './wire.ts';

const socketIds = new WeakMap<object, number>();
let lastSocketId = 0;

function socketIdOf(socket: object): number {
  const id = socketIds.get(socket) ?? ++lastSocketId;
  socketIds.set(socket, id);
  return id;
}

export function httpLane(desk: Desk): Server {
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, noDelay: true });
  server.on('request', (request, response) => void receive(desk, request, response));
  return server;
}

async function receive(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedMs = performance.now();
  const { url: path = '', headers } = request;
  const wire = request.method === 'POST' ? wireOf(path) : null;
  if (!wire) {
    request.resume();
    response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":{"message":"Not found"}}');
    return;
  }
  const call: Call = {
    wire: wire.name,
    model: null,
    path,
    headers,
    body: undefined,
    stream: false,
    startedMs,
    status: null,
    closedByClientMs: null,
    finished: false,
    tokensSent: 0,
    socketId: socketIdOf(request.socket),
  };
  desk.books.received(call);
  const outlet = new Outlet(response, call);
  const text = await readText(request);
  if (text === null) return;
  call.body = parsed(text);
  try {
    await outlet.whileOpen(() => serve(desk, wire, call, outlet));
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    sendError(outlet, wire, error.status, error.options);
  }
}

/** Null: the client went before it had sent all. */
async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  return await new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => resolve(Buffer.concat(chunks).toString()));
    request.once('error', () => resolve(null));
    request.once('close', () => resolve(null));
  });
}

async function serve(desk: Desk, wire: Wire, call: Call, outlet: Outlet): Promise<void> {
  const head = { path: call.path, headers: call.headers };
  checkKey(desk, wire, head);
  const asked = readRequest(desk, wire, head, call.body);
  call.model = asked.model;
  call.stream = asked.stream;
  const act = desk.script.next(asked);
  if (act.reset) return outlet.reset();
  if (act.silent) return await outlet.hang();
  await outlet.pause(act.latencyMs ?? desk.settings.latencyMs ?? 0);
  if (act.redirect !== undefined) return outlet.whole(302, { Location: act.redirect, ...act.headers }, '');
  if (act.code !== undefined || (act.status ?? 200) >= 400) return sendFault(outlet, wire, act);
  if (act.body !== undefined) return sendBody(outlet, act.status ?? 200, act);
  const plan = planOf(asked, act);
  const id = `${wire.idPrefix}${desk.nextId()}`;
  if (asked.stream) await sendStream(desk, wire, outlet, asked, plan, act, id);
  else await sendWhole(desk, wire, outlet, asked, plan, act, id);
}

function sendBody(outlet: Outlet, status: number, { body, headers }: Act): void {
  const isText = typeof body === 'string';
  const type = { 'Content-Type': isText ? 'text/html' : 'application/json' };
  outlet.whole(status, { ...type, ...headers }, isText ? body : JSON.stringify(body));
}

function sendFault(outlet: Outlet, wire: Wire, act: Act): void {
  const status = act.status ?? (act.code === 'insufficient_quota' ? 429 : 400);
  if (act.body !== undefined) {
    sendBody(outlet, status, act);
    return;
  }
  const waits = Object.entries(act.headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
  const seconds = Number(waits);
  const retryAfterS = waits !== undefined && Number.isFinite(seconds) ? seconds : undefined;
  sendError(outlet, wire, status, { code: act.code, retryAfterS }, act.headers);
}

function sendError(outlet: Outlet, wire: Wire, status: number, options: ErrorOptions, headers: Act['headers'] = {}) {
  const error = wire.error(status, options);
  const about = { 'Content-Type': 'application/json', [wire.idHeader]: 'req_mock' };
  outlet.whole(error.status, { ...about, ...headers }, JSON.stringify(error.body));
}

async function sendStream(
  desk: Desk,
  wire: Wire,
  outlet: Outlet,
  asked: Asked,
  plan: Plan,
  act: Act,
  id: string,
): Promise<void> {
  const tokenDelayMs = act.tokenDelayMs ?? desk.settings.tokenDelayMs ?? 0;
  const bill = desk.books.begin(asked, plan.billed);
  outlet.head(200, { 'Content-Type': 'text/event-stream', [wire.idHeader]: id, ...act.headers });
  outlet.chunkBytes = act.chunkBytes ?? 0;
  outlet.onTokens = (tokens) => desk.books.sent(bill, tokens, plan.billed);
  let sent = 0;
  let begun = false;
  let stalled = false;
  let malformed = false;
  const reached = (tokens: number | undefined) => tokens !== undefined && sent >= tokens;
  for (const { phase, bytes, tokens } of wire.frames(plan, id)) {
    let written = bytes;
    if (phase !== 'open') {
      if (reached(act.cutAfterTokens)) return await outlet.cut();
      if (reached(act.errorAfterTokens)) {
        outlet.add(wire.errorFrame(act.errorStatus ?? 500, { code: act.code }), 0);
        return await outlet.end();
      }
      if (reached(act.stallAfterTokens) && !stalled) {
        stalled = true;
        await outlet.flush();
        await outlet.pause(act.stallMs ?? Number.POSITIVE_INFINITY);
      }
      if (reached(act.malformedAfterTokens) && !malformed) {
        malformed = true;
        written = `${bytes.slice(0, bytes.length / 2).trimEnd()}\n\n`;
      }
      const delayMs = phase === 'content' ? tokenDelayMs + (begun ? 0 : (act.firstTokenDelayMs ?? 0)) : 0;
      begun = true;
      if (delayMs > 0) {
        await outlet.flush();
        await outlet.pause(delayMs);
      }
    }
    outlet.add(written, tokens);
    sent += tokens;
  }
  if (reached(act.cutAfterTokens)) return await outlet.cut();
  await outlet.flush();
  if (act.noEndMarker === 'hang') return await outlet.hang();
  if (!act.noFinish) desk.books.finish(bill, plan.billed);
  await outlet.end();
}

async function sendWhole(
  desk: Desk,
  wire: Wire,
  outlet: Outlet,
  asked: Asked,
  plan: Plan,
  act: Act,
  id: string,
): Promise<void> {
  await outlet.pause(act.firstTokenDelayMs ?? 0);
  const text = JSON.stringify(wire.whole(plan, id));
  const half = text.slice(0, text.length / 2);
  const bill = desk.books.begin(asked, plan.billed);
  outlet.onTokens = () => desk.books.finish(bill, plan.billed);
  const tokens = plan.billed.output - plan.billed.reasoning;
  const about = { 'Content-Type': 'application/json', [wire.idHeader]: id, ...act.headers };
  if (act.malformedAfterTokens !== undefined) {
    outlet.tokens(tokens);
    return outlet.whole(200, about, half);
  }
  const isHanging = act.noEndMarker === 'hang';
  if (act.cutAfterTokens === undefined && act.stallAfterTokens === undefined && !isHanging) {
    outlet.tokens(tokens);
    return outlet.whole(200, about, text);
  }
  outlet.head(200, isHanging ? about : { ...about, 'Content-Length': String(Buffer.byteLength(text)) });
  outlet.add(half, tokens);
  await outlet.flush();
  if (act.cutAfterTokens !== undefined) return await outlet.cut();
  if (act.stallAfterTokens !== undefined) await outlet.pause(act.stallMs ?? Number.POSITIVE_INFINITY);
  outlet.add(text.slice(half.length), 0);
  await outlet.flush();
  if (isHanging) return await outlet.hang();
  await outlet.end();
}
