import { describe, expect, it } from 'vitest';
import { dispositionOf, Fault, type FaultData, faultData, isFaultCode, reviveFault } from '../../src/errors.ts';

describe('a fault', () => {
  it('takes disposition, status and public code from its code', () => {
    const { disposition, status, publicCode } = new Fault('REDIS_UNAVAILABLE', 'away');
    expect({ disposition, status, publicCode }).toEqual({
      disposition: 'retry',
      status: 503,
      publicCode: 'SERVICE_UNAVAILABLE',
    });
  });

  it.each([
    ['VALIDATION_ERROR', 400],
    ['UNAUTHORIZED', 401],
    ['FORBIDDEN', 403],
    ['NOT_FOUND', 404],
    ['METHOD_NOT_ALLOWED', 405],
    ['CONFLICT', 409],
    ['PAYLOAD_TOO_LARGE', 413],
    ['UNSUPPORTED_MEDIA_TYPE', 415],
    ['RATE_LIMITED', 429],
    ['INTERNAL_ERROR', 500],
    ['PROVIDER_ERROR', 502],
    ['SERVICE_UNAVAILABLE', 503],
    ['UNSUPPORTED_PARAMETER', 400],
    ['CONTEXT_LENGTH_EXCEEDED', 400],
    ['CONTENT_FILTERED', 422],
    ['BUDGET_EXCEEDED', 429],
    ['STREAM_INTERRUPTED', 502],
    ['PROVIDER_TIMEOUT', 504],
  ] as const)('of the public code %s answers %i under its own name', (code, status) => {
    const fault = new Fault(code, 'm');
    expect([fault.status, fault.publicCode]).toEqual([status, code]);
  });

  it('is made of a foreign error by its code if the table has it, else as an internal error', () => {
    const known = Object.assign(new Error('fields'), { code: 'DATA_INSUFFICIENCY', details: { fields: ['rows'] } });
    expect(Fault.from(known)).toMatchObject({
      code: 'DATA_INSUFFICIENCY',
      details: { fields: ['rows'] },
      cause: known,
    });
    expect(Fault.from(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })).code).toBe('INTERNAL_ERROR');
    expect(Fault.from('text').message).toBe('thrown: text');
    expect(Fault.from(Object.create(null)).message).toBe('thrown: [object Object]');
  });

  it('is retried when nothing is known about it', () => {
    expect(dispositionOf(Fault.from(new TypeError('x')).code)).toBe('retry');
  });

  it('knows no code from the prototype chain', () => {
    expect(['toString', '__proto__', 'constructor'].filter(isFaultCode)).toEqual([]);
  });
});

describe('plain data', () => {
  it('survives a structured clone with code, details, class and causes', () => {
    const fault = new Fault('PROVIDER_ERROR', 'away', {
      details: { provider: 'local' },
      cause: new TypeError('reset'),
    });
    const revived = reviveFault(structuredClone(faultData(fault)));
    expect(revived).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: 'away',
      details: { provider: 'local' },
      stack: fault.stack,
      cause: { message: 'reset' },
    });
  });

  it('names the class that was thrown, not the wrapper', () => {
    class MissingDataError extends Error {
      code = 'DATA_INSUFFICIENCY';
    }
    expect(faultData(new MissingDataError('rows'))).toMatchObject({
      code: 'DATA_INSUFFICIENCY',
      errorClass: 'MissingDataError',
    });
  });

  it('ends for causes that run in a circle, and its stack is at most 4,000 characters', () => {
    const error = new Error('a');
    error.cause = error;
    error.stack = 's'.repeat(9000);
    let depth = 0;
    for (let data: FaultData | undefined = faultData(error); data; data = data.cause) depth++;
    expect(depth).toBe(6);
    expect(faultData(error).stack).toHaveLength(4000);
  });
});
