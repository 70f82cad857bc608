/**
 * A request as it was received: its headers and its body, without the web's objects where Node's own are at hand.
 *
 * Owns: the choice between the two. Making `Headers` and a body stream costs as much as everything else that is done
 * with a small request; a request that came without a port (tests) has nothing else.
 */
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';

export interface RequestHeaders {
  /** Null if absent; several of one name are joined by commas. */
  get(name: string): string | null;
}

/** Where a request can be read from; `incoming` is undefined without a port. */
export interface Received {
  request: Request;
  incoming: IncomingMessage | undefined;
}

/** What Node has received, if the request came through a port. */
export function incomingOf(env: Partial<HttpBindings> | undefined): IncomingMessage | undefined {
  return env?.outgoing ? (env.incoming as IncomingMessage | undefined) : undefined;
}

/** Names are in lower case. */
export function headersOf({ request, incoming }: Received): RequestHeaders {
  if (!incoming) return request.headers;
  const { headers } = incoming;
  return {
    get(name) {
      const value = headers[name];
      return value === undefined ? null : typeof value === 'string' ? value : value.join(', ');
    },
  };
}

/**
 * The bytes of the body; reading stops as soon as there are more than `limitBytes`, and what is returned is then over
 * the limit too.
 * @throws when the body ends early
 */
export function bytesOf({ request, incoming }: Received, limitBytes: number): Promise<Uint8Array> {
  return incoming && !incoming.readableEnded ? bytesOfNode(incoming, limitBytes) : bytesOfWeb(request, limitBytes);
}

/** The body as it arrives. Who stops reading leaves the connection as it is. */
export function chunksOf({ request, incoming }: Received): AsyncIterator<Uint8Array> {
  if (incoming && !incoming.readableEnded) return incoming.iterator({ destroyOnReturn: false });
  return chunksOfWeb(request);
}

async function* chunksOfWeb({ body }: Request): AsyncGenerator<Uint8Array> {
  for await (const chunk of body ?? []) yield chunk;
}

function bytesOfNode(incoming: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const stop = () => incoming.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
    const onEnd = () => {
      stop();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, sizeBytes));
    };
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) {
        incoming.pause();
        onEnd();
      }
    };
    const onError = (error: unknown) => {
      stop();
      reject(error);
    };
    const onClose = () => onError(new Error('the connection was closed'));
    incoming.on('data', onData).once('end', onEnd).once('error', onError).once('close', onClose);
  });
}

async function bytesOfWeb({ body }: Request, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) break;
  }
  return Buffer.concat(chunks, sizeBytes);
}
