// What an upstream's refusal is called.
import { describe, expect, it } from 'vitest';
import { lost, refused, type Wire } from '../../src/llm/providers/failures.ts';

const NOW_MS = Date.parse('2026-01-15T10:00:00Z');
const refusal = (wire: Wire, status: number, body?: unknown, headers = {}) => {
  return refused(wire, status, headers, body, NOW_MS);
};
const openai = (error: object) => ({
  error: { message: 'x', type: 'invalid_request_error', param: null, code: null, ...error },
});
const anthropic = (type: string, message = 'x') => ({ type: 'error', error: { type, message } });
const google = (status: string, message = 'x', details: object[] = []) => ({ error: { status, message, details } });

const PER_MINUTE = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }],
};
const PER_DAY = { ...PER_MINUTE, violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] };
const DELAY = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7.5s' };
const GEMINI_429 = 'You exceeded your current quota, please check your plan and billing details.';

describe('a refusal is', () => {
  it.each<[string, Wire, number, unknown]>([
    ['rate_limited', 'openai', 429, openai({ type: 'tokens', code: 'rate_limit_exceeded' })],
    ['rate_limited', 'anthropic', 429, anthropic('rate_limit_error')],
    ['rate_limited', 'google', 429, google('RESOURCE_EXHAUSTED', GEMINI_429, [PER_MINUTE, DELAY])],
    ['rate_limited', 'openai', 429, undefined],
    ['quota', 'openai', 429, openai({ type: 'insufficient_quota', code: 'insufficient_quota' })],
    ['quota', 'openai', 402, { error: { message: 'Insufficient Balance' } }],
    [
      'quota',
      'anthropic',
      400,
      anthropic('invalid_request_error', 'Your credit balance is too low to access the API.'),
    ],
    ['quota', 'anthropic', 402, anthropic('billing_error')],
    ['quota', 'google', 429, google('RESOURCE_EXHAUSTED', GEMINI_429, [PER_DAY, DELAY])],
    ['quota', 'google', 403, google('PERMISSION_DENIED', 'x', [{ reason: 'BILLING_DISABLED' }])],
    ['context_length', 'openai', 400, openai({ code: 'context_length_exceeded' })],
    [
      'context_length',
      'openai',
      400,
      { object: 'error', message: "This model's maximum context length is 8192 tokens.", code: 400 },
    ],
    ['context_length', 'openai', 400, { error: { code: 400, type: 'exceed_context_size_error', message: 'x' } }],
    ['context_length', 'openai', 500, { error: 'the input length exceeds the context length' }],
    [
      'context_length',
      'anthropic',
      400,
      anthropic('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    ],
    [
      'context_length',
      'anthropic',
      400,
      anthropic('invalid_request_error', 'input length and `max_tokens` exceed context limit: 1 + 2 > 2'),
    ],
    [
      'context_length',
      'google',
      400,
      google(
        'INVALID_ARGUMENT',
        'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      ),
    ],
    ['content_filter', 'openai', 400, openai({ code: 'content_filter' })],
    ['content_filter', 'openai', 400, openai({ code: 'content_policy_violation' })],
    [
      'content_filter',
      'anthropic',
      400,
      anthropic('invalid_request_error', 'Output blocked by content filtering policy'),
    ],
    ['no_model', 'openai', 404, openai({ code: 'model_not_found' })],
    ['no_model', 'openai', 404, { error: 'model "x" not found, try pulling it first' }],
    ['no_model', 'anthropic', 404, anthropic('not_found_error')],
    ['auth', 'openai', 401, openai({ code: 'invalid_api_key' })],
    ['auth', 'anthropic', 403, anthropic('permission_error')],
    ['auth', 'google', 400, google('INVALID_ARGUMENT', 'API key not valid.', [{ reason: 'API_KEY_INVALID' }])],
    ['server_error', 'openai', 500, '<html>'],
    ['server_error', 'anthropic', 529, anthropic('overloaded_error')],
    ['server_error', 'google', 503, google('UNAVAILABLE')],
    ['server_error', 'openai', 408, undefined],
    ['server_error', 'openai', 409, undefined],
    ['bad_request', 'openai', 400, openai({ code: 'unsupported_value', param: 'temperature' })],
    ['bad_request', 'anthropic', 413, anthropic('request_too_large')],
    ['malformed', 'openai', 302, undefined],
  ])('%s: %s %i %j', (kind, wire, status, body) => {
    expect(refusal(wire, status, body)).toMatchObject({ kind, status });
  });

  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': 'Thu, 15 Jan 2026 10:00:07 GMT' }, 7_000],
    [{ 'retry-after': 'Thu, 15 Jan 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '350', 'retry-after': '2' }, 350],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('one that asks to wait: %j', (headers, retryAfterMs) => {
    expect(refusal('openai', 429, undefined, headers).retryAfterMs).toBe(retryAfterMs);
  });

  it('one that asks to wait in its body', () => {
    expect(refusal('google', 429, google('RESOURCE_EXHAUSTED', 'x', [PER_MINUTE, DELAY])).retryAfterMs).toBe(7_500);
  });

  it('named by its code and parameter, never in the words of the upstream', () => {
    const body = openai({ message: 'Incorrect key sk-canary: my secret', code: 'unsupported_value', param: 'top_p' });
    expect(refusal('openai', 400, body).message).toBe('the upstream answered 400 (unsupported_value), parameter top_p');
    const loose = openai({ type: 'sk-canary-1', code: 'my secret', param: 'my secret' });
    expect(refusal('openai', 400, loose).message).toBe('the upstream answered 400');
  });
});

describe('a lost connection is', () => {
  const error = (code: string) => Object.assign(new Error('x'), { code });

  it.each([
    ['ECONNREFUSED', false, 'connection'],
    ['ENOTFOUND', false, 'connection'],
    ['ECONNRESET', false, 'connection'],
    ['UND_ERR_SOCKET', false, 'connection'],
    ['UND_ERR_CONNECT_TIMEOUT', false, 'connection'],
    ['CERT_HAS_EXPIRED', false, 'connection'],
    ['HPE_INVALID_CONSTANT', false, 'malformed'],
    ['ECONNRESET', true, 'cut'],
    ['UND_ERR_SOCKET', true, 'cut'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', true, 'too_large'],
  ])('%s, answering %s: %s', (code, answering, kind) => {
    expect(lost(error(code), answering)).toMatchObject({ kind });
  });

  it('not every error: ours stay what they are', () => {
    const ours = new TypeError('x');
    expect(lost(ours, true)).toBe(ours);
  });
});
