/** Reading a stream of server-sent events as a client does. */

export interface SseMessage {
  event: string;
  data: string;
  /** ms since the request. */
  atMs: number;
}

export interface SseReading {
  status: number;
  headers: Headers;
  messages: SseMessage[];
  /** The body of an answer that is no stream. */
  text: string;
  /** The connection broke. */
  broken: boolean;
}

/** Sends a request and reads all of the answer. */
export async function readSse(url: string, init: RequestInit): Promise<SseReading> {
  const startedMs = performance.now();
  const response = await fetch(url, init);
  const reading: SseReading = {
    status: response.status,
    headers: response.headers,
    messages: [],
    text: '',
    broken: false,
  };
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    reading.text = await response.text();
    return reading;
  }
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const lines = block.split('\n');
        const valuesOf = (field: string) =>
          lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
        const atMs = performance.now() - startedMs;
        reading.messages.push({ event: valuesOf('event')[0] ?? 'message', data: valuesOf('data').join('\n'), atMs });
      }
    }
  } catch {
    reading.broken = true;
  }
  return reading;
}
