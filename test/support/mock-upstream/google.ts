/** Google's generateContent. */
import {
  type Asked,
  type ErrorOptions,
  type Finish,
  type Frame,
  headerOf,
  inputTokensOf,
  isJson,
  type Json,
  listAt,
  objectAt,
  type Plan,
  type PlannedUsage,
  positiveAt,
  Rejected,
  reject,
  stringAt,
  type Wire,
} from './wire.ts';

const PARAMETERS = new Set(
  'contents systemInstruction generationConfig safetySettings tools toolConfig cachedContent serviceTier store'.split(
    ' ',
  ),
);
const GENERATION = new Set(
  `temperature topP topK candidateCount maxOutputTokens stopSequences responseLogprobs logprobs presencePenalty
  frequencyPenalty seed responseMimeType responseSchema responseJsonSchema responseModalities mediaResolution
  speechConfig thinkingConfig imageConfig enableEnhancedCivicAnswers`.split(/\s+/),
);
const SAMPLING = ['temperature', 'topP', 'topK', 'candidateCount'];
const FINISH: Record<Finish, string> = {
  end: 'STOP',
  max_tokens: 'MAX_TOKENS',
  stop_sequence: 'STOP',
  tool_use: 'STOP',
  content_filter: 'SAFETY',
};
const PATH = /^\/v1(?:beta)?\/models\/([^/:?]+):(generateContent|streamGenerateContent)(?:\?(.*))?$/;

function onlyKnown(value: Json, known: ReadonlySet<string>, path: string): void {
  for (const name of Object.keys(value)) {
    const at = path === '' ? '' : ` at '${path}'`;
    reject(!known.has(name), `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`);
  }
}

function partTexts(content: unknown, path: string): string[] {
  const { parts } = objectAt(content, path);
  return listAt(parts, `${path}.parts`).flatMap((item, at) => {
    const part = objectAt(item, `${path}.parts[${at}]`);
    if (typeof part.text === 'string') return [part.text];
    if (isJson(part.functionResponse)) return [JSON.stringify(part.functionResponse.response ?? {})];
    if (isJson(part.inlineData)) {
      stringAt(part.inlineData.mimeType, `${path}.parts[${at}].inlineData.mimeType`);
      stringAt(part.inlineData.data, `${path}.parts[${at}].inlineData.data`);
      return [];
    }
    reject(!isJson(part.functionCall) && !isJson(part.fileData), `${path}.parts[${at}].data: required oneof field`);
    return [];
  });
}

const hasPart = (content: Json, name: string) =>
  Array.isArray(content.parts) && content.parts.some((part) => isJson(part) && name in part);

function readTools(body: Json): Pick<Asked, 'tools' | 'forcedTool'> {
  const tools = new Map<string, unknown>();
  for (const [at, item] of (body.tools === undefined ? [] : listAt(body.tools, 'tools')).entries()) {
    const { functionDeclarations: declared = [] } = objectAt(item, `tools[${at}]`);
    for (const declaration of listAt(declared, `tools[${at}].functionDeclarations`)) {
      const { name, parameters, parametersJsonSchema } = objectAt(declaration, `tools[${at}].functionDeclarations`);
      const schema = parametersJsonSchema ?? parameters ?? { type: 'object' };
      tools.set(stringAt(name, `tools[${at}].functionDeclarations.name`), schema);
    }
  }
  const config = isJson(body.toolConfig) ? body.toolConfig.functionCallingConfig : undefined;
  if (!isJson(config)) return { tools, forcedTool: null };
  const allowed = config.allowedFunctionNames;
  const only = Array.isArray(allowed) && typeof allowed[0] === 'string' ? allowed[0] : '*';
  const isForced = config.mode === 'ANY';
  reject(isForced && tools.size === 0, 'Function calling config is set without function_declarations.');
  reject(isForced && only !== '*' && !tools.has(only), 'allowed_function_names should be in function_declarations.');
  return { tools: config.mode === 'NONE' ? new Map() : tools, forcedTool: isForced ? only : null };
}

function readSchema({ responseMimeType, responseSchema, responseJsonSchema }: Json): unknown {
  reject(
    responseSchema !== undefined && responseJsonSchema !== undefined,
    'Only one of response_schema and response_json_schema may be set.',
  );
  const schema = responseSchema ?? responseJsonSchema;
  const isJsonAsked = responseMimeType === 'application/json';
  reject(schema !== undefined && !isJsonAsked, 'Response schema requires response mime type application/json.');
  return schema ?? (isJsonAsked ? { type: 'object' } : null);
}

function usageOf({ input, cached, output, reasoning }: PlannedUsage): Json {
  return {
    promptTokenCount: input,
    ...(cached > 0 ? { cachedContentTokenCount: cached } : {}),
    candidatesTokenCount: output - reasoning,
    ...(reasoning > 0 ? { thoughtsTokenCount: reasoning } : {}),
    totalTokenCount: input + output,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
  };
}

function argsOf(pieces: readonly string[]): unknown {
  try {
    return JSON.parse(pieces.join('')) as unknown;
  } catch {
    return {}; // This wire has objects only.
  }
}

const RATINGS = [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true }];

/** One message of the answer: the whole of it, or one of a stream. `finish` and usage come with the last. */
function responseOf(plan: Plan, id: string, parts: readonly Json[], isLast: boolean): Json {
  const about = { modelVersion: plan.model, responseId: id };
  const usage = isLast && plan.usage && plan.finish ? { usageMetadata: usageOf(plan.usage) } : {};
  if (plan.promptBlocked) {
    return { promptFeedback: { blockReason: 'SAFETY', safetyRatings: RATINGS }, ...usage, ...about };
  }
  const finish = isLast && plan.finish ? { finishReason: FINISH[plan.finish] } : {};
  const ratings = isLast && plan.finish === 'content_filter' ? { safetyRatings: RATINGS } : {};
  const content = parts.length > 0 ? { content: { parts, role: 'model' } } : {};
  return { candidates: [{ ...content, ...finish, index: 0, ...ratings }], ...usage, ...about };
}

const callsOf = ({ toolCalls }: Plan) =>
  toolCalls.map(({ name, pieces }) => ({
    part: { functionCall: { name, args: argsOf(pieces) } },
    tokens: pieces.length,
  }));

export const google: Wire = {
  name: 'google',
  idHeader: 'x-goog-request-id',
  idPrefix: 'resp-mock-',

  key({ path, headers }) {
    reject(/[?&]key=/.test(path), 'The key must not be in the URL: send it in the header x-goog-api-key.');
    return headerOf(headers, 'x-goog-api-key');
  },

  read(body, { path }, refuses) {
    const [, encoded = '', method, query] = PATH.exec(path) ?? [];
    const asked = new URLSearchParams(query);
    const model = decodeURIComponent(encoded);
    const stream = method === 'streamGenerateContent';
    reject(stream && asked.get('alt') !== 'sse', 'This upstream streams with alt=sse only.');
    onlyKnown(body, PARAMETERS, '');
    const config = body.generationConfig === undefined ? {} : objectAt(body.generationConfig, 'generation_config');
    onlyKnown(config, GENERATION, 'generation_config');
    const sampling = SAMPLING.find((name) => config[name] !== undefined);
    reject(
      sampling !== undefined && refuses(model, 'sampling'),
      `Invalid value at 'generation_config': ${sampling} is not supported by this model.`,
    );
    reject(body.contents === undefined, 'contents is not specified');
    const contents = listAt(body.contents, 'contents').map((item, at) => objectAt(item, `contents[${at}]`));
    const last = contents.at(-1);
    if (!last) throw new Rejected(400, 'GenerateContentRequest.contents: contents is not specified');
    for (const { role } of contents) {
      reject(
        ![undefined, 'user', 'model', 'function'].includes(role as string),
        'Please use a valid role: user, model.',
      );
    }
    reject(
      last.role === 'model' && refuses(model, 'prefill'),
      'Please ensure that multiturn requests end with a user turn or a function response.',
    );
    const system = body.systemInstruction === undefined ? [] : partTexts(body.systemInstruction, 'system_instruction');
    const texts = [...system, ...contents.flatMap((content, at) => partTexts(content, `contents[${at}]`))];
    const isSaid = last.role !== 'model' && !hasPart(last, 'functionResponse');
    const limit = config.maxOutputTokens ?? null;
    const stop = config.stopSequences === undefined ? [] : listAt(config.stopSequences, 'stop_sequences');
    return {
      wire: 'google',
      model,
      stream,
      texts,
      inputTokens: inputTokensOf(texts),
      lastUserText: isSaid ? partTexts(last, 'contents').join('\n') : '',
      limit: limit === null ? Number.POSITIVE_INFINITY : positiveAt(limit, 'max_output_tokens'),
      stop: stop.map((item) => stringAt(item, 'stop_sequences')),
      ...readTools(body),
      schema: readSchema(config),
      choices: 1,
      tellsUsage: true,
    };
  },

  whole(plan, id) {
    const text = plan.pieces.join('');
    const parts = [...(text === '' ? [] : [{ text }]), ...callsOf(plan).map(({ part }) => part)];
    return responseOf(plan, id, parts, true);
  },

  /** Calls come whole: this wire does not cut arguments into pieces. It has no mark of its own at the end. */
  frames(plan, id) {
    const contents = [...plan.pieces.map((text) => ({ part: { text } as Json, tokens: 1 })), ...callsOf(plan)];
    const data = (parts: readonly Json[], isLast: boolean) =>
      `data: ${JSON.stringify(responseOf(plan, id, parts, isLast))}\r\n\r\n`;
    // A filter speaks up in a message of its own.
    const isApart = contents.length === 0 || plan.finish === 'content_filter';
    const frames: Frame[] = contents.map(({ part, tokens }, at) => ({
      phase: 'content',
      bytes: data([part], !isApart && at === contents.length - 1),
      tokens,
    }));
    if (isApart && plan.finish) frames.push({ phase: 'close', bytes: data([], true), tokens: 0 });
    return frames;
  },

  error(status, options) {
    return { status, body: { error: errorOf(status, options) } };
  },

  errorFrame(status, options) {
    return `data: ${JSON.stringify({ error: errorOf(status, options) })}\r\n\r\n`;
  },
};

const ERRORS: Readonly<Record<number, readonly [status: string, message: string]>> = {
  400: ['INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  401: ['UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  403: ['PERMISSION_DENIED', 'The caller does not have permission'],
  404: ['NOT_FOUND', 'The model is not found for API version v1beta, or is not supported for generateContent.'],
  429: ['RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  499: ['CANCELLED', 'The operation was cancelled.'],
  500: ['INTERNAL', 'An internal error has occurred. Please retry.'],
  503: ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  504: ['DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'],
};
const CODED: Readonly<Record<string, string>> = {
  insufficient_quota: 'You exceeded your current quota, please check your plan and billing details.',
  context_length_exceeded: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  invalid_api_key: 'API key not valid. Please pass a valid API key.',
};
const TYPE = 'type.googleapis.com/google.rpc.';

function errorOf(code: number, { code: named = '', message, retryAfterS }: ErrorOptions): Json {
  const [status, text] = ERRORS[code] ?? (code >= 500 ? ['UNAVAILABLE', 'Unavailable'] : ['INVALID_ARGUMENT', 'Error']);
  const details: Json[] = [];
  if (named === 'invalid_api_key') {
    details.push({ '@type': `${TYPE}ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' });
  }
  if (named === 'insufficient_quota') {
    const quotaId = 'GenerateRequestsPerDayPerProjectPerModel-FreeTier';
    details.push({ '@type': `${TYPE}QuotaFailure`, violations: [{ quotaId, quotaValue: '250' }] });
  }
  if (retryAfterS !== undefined) details.push({ '@type': `${TYPE}RetryInfo`, retryDelay: `${retryAfterS}s` });
  const error = { code, message: message ?? CODED[named] ?? text, status };
  return details.length > 0 ? { ...error, details } : error;
}
