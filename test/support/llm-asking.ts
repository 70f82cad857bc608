/** Requests to the gateway as clients of every wire send them, and what they get. */
import { readSse } from './sse.ts';

export const PATHS = {
  chat: '/v1/chat',
  openai: '/v1/chat/completions',
  anthropic: '/v1/messages',
  predict: '/v1/predict',
  extract: '/v1/extract/order',
} as const;
export type RouteName = keyof typeof PATHS;
/** Routes that can stream. */
export const CALL_ROUTES = ['chat', 'openai', 'anthropic'] as const;
export type CallRoute = (typeof CALL_ROUTES)[number];

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
type Any = any;

export interface Got {
  status: number;
  headers: Headers;
  /** What `x-cache` says. */
  cache: string | null;
  /** Everything that arrived, also of a stream. */
  raw: string;
  /** The object of the answer or of the refusal; of a stream on `/v1/chat`, that of its end. */
  body: Any;
  text: string;
  /** Of all tool calls, as JSON text without white space. */
  toolArguments: string[];
  /** A whole answer was shown. */
  complete: boolean;
  /** Of the refusal, or of the error that ended the stream. */
  code: string | null;
}

export interface AskOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Sends `body` as it is, if it is a text, and reads all of the answer. */
export async function askLlm(url: string, route: RouteName, body: unknown, options: AskOptions = {}): Promise<Got> {
  const reading = await readSse(`${url}${PATHS[route]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(options.signal && { signal: options.signal }),
  });
  const { status, headers, messages } = reading;
  const about = { status, headers, cache: headers.get('x-cache') };
  if (headers.get('content-type')?.startsWith('text/event-stream')) {
    const raw = messages.map(({ event, data }) => `${event} ${data}`).join('\n');
    return { ...about, raw, ...STREAMS[route as CallRoute](messages) };
  }
  const json = reading.text === '' ? null : JSON.parse(reading.text);
  const code = json?.error?.code ?? null;
  const said = status === 200 ? wholes[route](json) : { text: '', toolArguments: [] };
  return { ...about, raw: reading.text, body: json, ...said, complete: status === 200, code };
}

const plain = (json: unknown) => JSON.stringify(typeof json === 'string' ? JSON.parse(json) : json);

type Said = Pick<Got, 'text' | 'toolArguments'>;
const wholes: Record<RouteName, (json: Any) => Said> = {
  chat: (json) => ({ text: json.message.content, toolArguments: [] }),
  openai: ({ choices: [{ message }] }) => ({
    text: message.content ?? '',
    toolArguments: (message.tool_calls ?? []).map((call: Any) => plain(call.function.arguments)),
  }),
  anthropic: ({ content }) => ({
    text: content.map((block: Any) => block.text ?? '').join(''),
    toolArguments: content.filter(({ type }: Any) => type === 'tool_use').map(({ input }: Any) => plain(input)),
  }),
  predict: ({ prediction }) => ({
    text: typeof prediction === 'string' ? prediction : plain(prediction),
    toolArguments: [],
  }),
  extract: ({ extracted }) => ({ text: plain(extracted), toolArguments: [] }),
};

type Messages = readonly { event: string; data: string }[];
type Streamed = Pick<Got, 'body' | 'text' | 'toolArguments' | 'complete' | 'code'>;
const STREAMS: Record<CallRoute, (messages: Messages) => Streamed> = {
  chat(messages) {
    const of = (event: string) => messages.filter((each) => each.event === event).map(({ data }) => JSON.parse(data));
    const [done] = of('done');
    const [error] = of('error');
    const text = of('delta')
      .map(({ content }) => content)
      .join('');
    return { body: done ?? error, text, toolArguments: [], complete: done !== undefined, code: codeOf(error) };
  },
  openai(messages) {
    const complete = messages.at(-1)?.data === '[DONE]';
    const frames: Any[] = messages.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data));
    const deltas = frames.flatMap(({ choices = [] }) =>
      choices.flatMap((choice: Any) => (choice.index === 0 ? [choice.delta] : [])),
    );
    const pieces: string[] = [];
    for (const call of deltas.flatMap(({ tool_calls: calls = [] }) => calls)) {
      pieces[call.index] = (pieces[call.index] ?? '') + (call.function?.arguments ?? '');
    }
    const text = deltas.map(({ content }) => content ?? '').join('');
    const error = frames.find((frame) => frame.error);
    return { body: error ?? null, text, toolArguments: pieces.map(plain), complete, code: codeOf(error) };
  },
  anthropic(messages) {
    const frames: Any[] = messages.map(({ data }) => JSON.parse(data));
    const deltas = frames.filter(({ type }) => type === 'content_block_delta');
    const pieces = new Map<number, string>();
    for (const { index, delta } of deltas) {
      if (delta.type === 'input_json_delta') pieces.set(index, (pieces.get(index) ?? '') + delta.partial_json);
    }
    const text = deltas.map(({ delta }) => delta.text ?? '').join('');
    const error = frames.find(({ type }) => type === 'error');
    const complete = frames.some(({ type }) => type === 'message_stop');
    return { body: error ?? null, text, toolArguments: [...pieces.values()].map(plain), complete, code: codeOf(error) };
  },
};

const codeOf = (body: Any): string | null => body?.error?.code ?? null;
