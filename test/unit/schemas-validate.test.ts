/** Long because every reason text of the gate is a case of its own; they are one table to read through. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDate, isDateTime, isEmail, isUuid } from '../../schemas/formats.ts';
import { nestsDeeperThan, parseJson } from '../../schemas/json.ts';
import type { EventType } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { IDS, PAYLOADS, sampleEvent } from '../fixtures/events.ts';

const validator = createValidator();
const LIMITS = { maxEventBytes: 100_000 };
const check = (value: unknown) => validator.check(typeof value === 'string' ? value : JSON.stringify(value), LIMITS);
const reason = (value: unknown): string => {
  const verdict = check(value);
  return verdict.ok ? 'accepted' : `${verdict.check}: ${verdict.reason}`;
};
const event = sampleEvent('WORK.ITEM_STARTED');
const without = (object: object, key: string) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
const withPayload = (type: EventType, patch: object) => ({
  ...sampleEvent(type),
  payload: { ...PAYLOADS[type], ...patch },
});
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('the gate rejects with the number of the check and its reason', () => {
  it.each<[string, string | object, string]>([
    ['no JSON', 'x', '3: invalid json: unexpected character at position 0'],
    ['nothing', '', '3: invalid json: unexpected end at position 0'],
    ['a list', '[]', '3: invalid json: must be an object'],
    ['null', 'null', '3: invalid json: must be an object'],
    ['a number', '1', '3: invalid json: must be an object'],
    ['a number out of range', '{"a":[1e999]}', '3: invalid json: number out of range'],
    ['a byte order mark', '\uFEFF{}', '3: invalid json: unexpected character at position 0'],
    ['an empty object', '{}', '4: invalid envelope: /event_id is required'],
    ['no causation_id', without(event, 'causation_id'), '4: invalid envelope: /causation_id is required'],
    ['a surplus key', { ...event, 'a/b~': 1 }, '4: invalid envelope: /a~1b~0 is not allowed'],
    [
      'a __proto__ key',
      `{"__proto__":{"polluted":1},${JSON.stringify(event).slice(1)}`,
      '4: invalid envelope: /__proto__ is not allowed',
    ],
    [
      'a constructor key',
      { ...event, constructor: { prototype: {} } },
      '4: invalid envelope: /constructor is not allowed',
    ],
    ['an id that is no uuid', { ...event, event_id: '1' }, '4: invalid envelope: /event_id must be a uuid'],
    [
      'a prefixed uuid',
      { ...event, event_id: `urn:uuid:${IDS.event}` },
      '4: invalid envelope: /event_id must be a uuid',
    ],
    ['a numeric id', { ...event, event_id: 7 }, '4: invalid envelope: /event_id must be string'],
    ['a bad causation_id', { ...event, causation_id: 7 }, '4: invalid envelope: /causation_id must be string or null'],
    [
      'an offset',
      { ...event, timestamp: '2026-01-15T10:30:00+00:00' },
      '4: invalid envelope: /timestamp must be an RFC 3339 time ending in Z',
    ],
    ['version 0', { ...event, event_version: 0 }, '4: invalid envelope: /event_version must be >= 1'],
    ['version 1.5', { ...event, event_version: 1.5 }, '4: invalid envelope: /event_version must be integer'],
    ['a text version', { ...event, event_version: '1' }, '4: invalid envelope: /event_version must be integer'],
    [
      'an outcome as type',
      { ...event, event_type: 'xstate.stop' },
      '4: invalid envelope: /event_type must match ^[A-Z]+(\\.[A-Z_]+)+$',
    ],
    [
      '__proto__ as type',
      { ...event, event_type: '__proto__' },
      '4: invalid envelope: /event_type must match ^[A-Z]+(\\.[A-Z_]+)+$',
    ],
    ['an empty source', { ...event, source: '' }, '4: invalid envelope: /source must not be empty'],
    [
      'a long source',
      { ...event, source: 'x'.repeat(201) },
      '4: invalid envelope: /source must have at most 200 characters',
    ],
    ['a payload that is a list', { ...event, payload: [] }, '4: invalid envelope: /payload must be object'],
    ['an unknown type', { ...event, event_type: 'WORK.ITEM_LOST' }, '5: no schema for event_type=WORK.ITEM_LOST'],
    [
      'an unknown version',
      { ...event, event_version: 2 },
      '5: no schema for event_type=WORK.ITEM_STARTED event_version=2',
    ],
    [
      'a bad id before a bad payload',
      { ...event, event_id: '1', payload: {} },
      '4: invalid envelope: /event_id must be a uuid',
    ],
    [
      'an unknown type before its payload',
      { ...event, event_type: 'A.B', payload: {} },
      '5: no schema for event_type=A.B',
    ],
    ['an empty payload', { ...event, payload: {} }, '6: invalid payload: /project_id is required'],
    [
      'no request_text',
      { ...withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { request_text: undefined }) },
      '6: invalid payload: /request_text is required',
    ],
    [
      'no items',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { items: [] }),
      '6: invalid payload: /items must have at least 1 element',
    ],
    [
      'too many rows',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { rows: Array(5001).fill(0) }),
      '6: invalid payload: /rows must have at most 5000 elements',
    ],
    [
      'an item without key',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { items: [{}] }),
      '6: invalid payload: /items/0/key is required',
    ],
    [
      'a negative rate',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { hourly_rate: -1 }),
      '6: invalid payload: /hourly_rate must be >= 0',
    ],
    [
      'file_info of a wrong type',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { file_info: 1 }),
      '6: invalid payload: /file_info must be object or null',
    ],
    [
      'file_info with a bad size',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { file_info: { size: 'x' } }),
      '6: invalid payload: /file_info/size must be integer',
    ],
    [
      'a bad address',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { requester: { email: 'ann' } }),
      '6: invalid payload: /requester/email must be an e-mail address',
    ],
    [
      'a category of null',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', { rows: [{ estimated_minutes: 1, category: null }] }),
      '6: invalid payload: /rows/0/category must be string',
    ],
    [
      'an unlisted verdict',
      withPayload('WORK.ITEM_REVIEWED', { review: { result: 'fine' } }),
      '6: invalid payload: /review/result must be one of "approved", "rejected", "needs_changes"',
    ],
    [
      'another format',
      withPayload('ORDER.EXPORT_READY', { export: { artifact_id: IDS.artifact, format: 'pdf' } }),
      '6: invalid payload: /export/format must be "csv"',
    ],
    [
      'a day that does not exist',
      withPayload('ORDER.INBOX_RECEIVED', { delivery_date: '2026-02-30' }),
      '6: invalid payload: /delivery_date must be an existing day, YYYY-MM-DD',
    ],
    [
      'a repeated dependency',
      withPayload('PROJECT.INITIAL_REQUEST_RECEIVED', {
        items: [{ key: 'a', title: 't', agent_target: 'w', depends_on: ['b', 'b'] }],
      }),
      '6: invalid payload: /items/0/depends_on must not repeat an element (1 and 0)',
    ],
    [
      'a choice without options',
      {
        ...sampleEvent('QUESTION.CREATED'),
        payload: { question: without(PAYLOADS['QUESTION.CREATED'].question, 'options') },
      },
      '6: invalid payload: /question/options is required',
    ],
    [
      'a team that does not exist',
      withPayload('TEAM.RUN_REQUESTED', { team_id: 'no_team' }),
      '6: invalid payload: /team_id must be one of "analysis_team", "admin_team", "email_team", "writing_team", "support_team"',
    ],
    [
      'an unknown worker',
      withPayload('WORK.ITEM_DISPATCHED', { agent_target: 'nobody' }),
      '8: unknown agent_target: nobody',
    ],
    [
      'a role that is no worker',
      withPayload('WORK.ITEM_DISPATCHED', { agent_target: 'orchestrator' }),
      '8: unknown agent_target: orchestrator',
    ],
    [
      'an agent as worker',
      withPayload('WORK.ITEM_DISPATCHED', { agent_target: 'parser_agent' }),
      '8: unknown agent_target: parser_agent',
    ],
    [
      'an unknown agent',
      withPayload('AGENT.TASK_DISPATCHED', { agent: 'cost_worker' }),
      '8: unknown agent_target: cost_worker',
    ],
  ])('%s', (_, value, expected) => {
    expect(reason(value)).toBe(expected);
  });

  it('names the bytes of an event that is too large, counting bytes and not characters', () => {
    const verdict = (bytes: Buffer | string, maxEventBytes: number) => validator.check(bytes, { maxEventBytes });
    expect(verdict('éé', 3)).toMatchObject({ check: 2, reason: 'event too large: 4 bytes, limit 3' });
    expect(verdict(Buffer.from('éé'), 3)).toMatchObject({ check: 2, reason: 'event too large: 4 bytes, limit 3' });
    const text = JSON.stringify(event);
    expect(verdict(text, text.length)).toEqual({ ok: true, event });
    expect(verdict(text, text.length - 1)).toMatchObject({ ok: false, check: 2 });
  });

  it.each([
    ['a stray byte', [0x22, 0xff, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut character', [0x22, 0xe2, 0x82]],
  ])('%s is invalid utf-8', (_, bytes) => {
    expect(validator.check(Buffer.from(bytes), LIMITS)).toMatchObject({ check: 2, reason: 'invalid utf-8' });
  });

  it('a text with a bare surrogate, which has no utf-8 form', () => {
    expect(reason('{"a":"\ud800"}')).toBe('2: invalid utf-8');
  });

  it('gives id, type and parsed envelope as far as readable, and the schema that rejected it', () => {
    expect(check({ ...event, payload: {} })).toEqual({
      ok: false,
      check: 6,
      reason: 'invalid payload: /project_id is required',
      schemaId: 'https://audit-flash-os/schemas/events/work.item_started.v1.schema.json',
      eventId: IDS.event,
      eventType: 'WORK.ITEM_STARTED',
      parsed: { ...event, payload: {} },
      event: null,
    });
    expect(check({ event_id: 7, event_type: 'x'.repeat(201) })).toMatchObject({
      schemaId: 'https://audit-flash-os/schemas/envelope/event_envelope.v1.schema.json',
      eventId: null,
      eventType: null,
    });
    expect(check('[]')).toMatchObject({ schemaId: null, eventId: null, eventType: null, parsed: null });
  });

  it('hands on a dispatch of which only the target is unknown', () => {
    const dispatch = withPayload('WORK.ITEM_DISPATCHED', { agent_target: 'nobody' });
    expect(check(dispatch)).toMatchObject({ check: 8, schemaId: null, event: dispatch });
  });

  it('keeps a reason short when a key or type is long', () => {
    const long = 'X'.repeat(90_000);
    expect(reason({ ...event, [long]: 1 }).length).toBeLessThan(400);
    expect(reason({ ...event, event_type: `A.${long}` }).length).toBeLessThan(400);
  });
});

describe('nesting', () => {
  const event = JSON.stringify(sampleEvent('USER.ANSWER_SUBMITTED'));
  const answering = (answer: string) => event.replace('"answer":100', `"answer":${answer}`);

  it('of 32 levels is accepted and of 33 rejected, envelope and payload included', () => {
    expect(reason(answering(nested(30)))).toBe('accepted');
    expect(reason(answering(nested(31)))).toBe('3: invalid json: nested deeper than 32 levels');
  });

  it('counts objects and lists, but no brackets in strings', () => {
    expect(nestsDeeperThan('[{"a":[1,{}]}]', 4)).toBe(false);
    expect(nestsDeeperThan('[{"a":[1,{}]}]', 3)).toBe(true);
    expect(nestsDeeperThan(JSON.stringify(`${'['.repeat(50)}"\\${'{'.repeat(50)}`), 0)).toBe(false);
    expect(nestsDeeperThan('[],[],[]', 1)).toBe(false);
  });

  it.each([
    ['closed lists', nested(45_000)],
    ['open lists', '['.repeat(99_000)],
    ['objects', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`],
  ])('of thousands of %s is rejected before anything recurses', (_, text) => {
    expect(reason(text)).toBe('3: invalid json: nested deeper than 32 levels');
  });

  it('agrees with the depth of every parsed value', () => {
    const depth = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 6 }), (value, levels) => {
        expect(nestsDeeperThan(JSON.stringify(value), levels)).toBe(depth(value) > levels);
      }),
    );
  });
});

describe('hostile content', () => {
  it('of an open object passes unchanged and pollutes nothing', () => {
    const text = JSON.stringify(sampleEvent('WORK.ITEM_COMPLETED')).replace(
      '"evidence":{',
      '"evidence":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"\\ud800\\u0000",',
    );
    const verdict = check(text);
    expect(verdict.ok && JSON.stringify(verdict.event)).toBe(text);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('lone surrogates and NUL are ordinary characters of a string', () => {
    expect(reason(withPayload('PROJECT.STOP_REQUESTED', { reason: '\ud800\u0000\udfff' }))).toBe('accepted');
  });

  it('never makes the check throw, whatever the bytes', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.jsonValue().map((payload) => JSON.stringify({ ...event, payload })),
      fc
        .record({ key: fc.constantFrom(...Object.keys(event)), value: fc.jsonValue() })
        .map(({ key, value }) => JSON.stringify({ ...event, [key]: value })),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        const verdict = validator.check(bytes, { maxEventBytes: 1_000 });
        if (verdict.ok) expect(JSON.parse(JSON.stringify(verdict.event))).toEqual(JSON.parse(String(bytes)));
        else
          expect(verdict.reason).toMatch(
            /^(event too large|invalid utf-8|invalid json|invalid envelope|no schema for|invalid payload|unknown agent_target)/,
          );
      }),
      { numRuns: 3_000 },
    );
  });

  it('names what is missing before what is surplus, and of surplus keys the first in the text', () => {
    const bad = { ...event, timestamp: 1, source: '', z: 1, a: 2 };
    expect(reason(without(bad, 'payload'))).toBe('4: invalid envelope: /payload is required');
    expect(reason(bad)).toBe('4: invalid envelope: /z is not allowed');
    const reversed = Object.fromEntries(Object.entries(bad).reverse());
    expect(reason(reversed)).toBe('4: invalid envelope: /a is not allowed');
    expect(reason({ ...event, source: '', timestamp: 1 })).toBe('4: invalid envelope: /timestamp must be string');
  });
});

describe('formats', () => {
  it.each([
    ['2026-01-15T10:30:00Z', true],
    ['2026-01-15T10:30:00.123456789Z', true],
    ['2024-02-29T23:59:59.999Z', true],
    ['2026-02-29T00:00:00Z', false],
    ['2026-13-01T00:00:00Z', false],
    ['2026-00-01T00:00:00Z', false],
    ['2026-01-00T00:00:00Z', false],
    ['2026-01-15T24:00:00Z', false],
    ['2026-01-15T10:60:00Z', false],
    ['2016-12-31T23:59:60Z', false],
    ['2026-01-15T10:30:00z', false],
    ['2026-01-15t10:30:00Z', false],
    ['2026-01-15 10:30:00Z', false],
    ['2026-01-15T10:30Z', false],
    ['2026-01-15T10:30:00.Z', false],
    ['2026-01-15T10:30:00', false],
    ['2026-01-15T10:30:00Z\n', false],
    ['+02026-01-15T10:30:00Z', false],
  ])('date-time %j is %s', (text, expected) => {
    expect(isDateTime(text)).toBe(expected);
  });

  it('date agrees with the calendar', () => {
    const days = fc.tuple(fc.integer({ min: 1000, max: 9999 }), fc.nat({ max: 13 }), fc.nat({ max: 32 }));
    fc.assert(
      fc.property(days, ([year, month, day]) => {
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const at = new Date(`${text}T00:00:00Z`);
        expect(isDate(text)).toBe(!Number.isNaN(at.getTime()) && at.toISOString().startsWith(text));
      }),
    );
    expect([isDate('1900-02-29'), isDate('2000-02-29'), isDate('02/03/2026'), isDate('2026-1-1')]).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });

  it.each([
    [IDS.event.toUpperCase(), true],
    ['00000000-0000-0000-0000-000000000000', true],
    [IDS.event.replaceAll('-', ''), false],
    [`{${IDS.event}}`, false],
    [`${IDS.event}0`, false],
    ['g'.repeat(8) + IDS.event.slice(8), false],
  ])('uuid %j is %s', (text, expected) => {
    expect(isUuid(text)).toBe(expected);
  });

  it.each([
    ['ann@example.com', true],
    ["a.b+c_d!#$%&'*/=?^`{|}~-e@sub-domain.example.co", true],
    ['ann@localhost', false],
    ['@example.com', false],
    ['ann@', false],
    ['ann@@example.com', false],
    ['a..b@example.com', false],
    ['.a@example.com', false],
    ['a b@example.com', false],
    ['ann@-x.com', false],
    ['ann@x-.com', false],
    [`ann@${'x'.repeat(64)}.com`, false],
    ['ann@example.com\n', false],
    ['änn@example.com', false],
  ])('email %j is %s', (text, expected) => {
    expect(isEmail(text)).toBe(expected);
  });

  it('email decides about a hostile text of a megabyte', () => {
    expect(isEmail('a'.repeat(1 << 20))).toBe(false);
    expect(isEmail(`a@${'a-'.repeat(1 << 19)}`)).toBe(false);
    expect(isEmail(`a@${'a.'.repeat(1 << 19)}`)).toBe(false);
  });

  it('lengths count code points', () => {
    expect(reason(withPayload('PROJECT.STOP_REQUESTED', { requested_by: '😀'.repeat(200) }))).toBe('accepted');
    expect(reason(withPayload('PROJECT.STOP_REQUESTED', { requested_by: '😀'.repeat(201) }))).toBe(
      '6: invalid payload: /requested_by must have at most 200 characters',
    );
  });
});

describe('all violations', () => {
  it('of an event are listed with pointers from the envelope on', () => {
    expect(validator.errorsOf(event)).toEqual([]);
    expect(validator.errorsOf({ ...event, source: '', x: 1 })).toEqual([
      { path: '/x', message: 'is not allowed' },
      { path: '/source', message: 'must not be empty' },
    ]);
    expect(validator.errorsOf({ ...event, payload: { x: 1, started_at: 'now' } })).toEqual([
      { path: '/payload/project_id', message: 'is required' },
      { path: '/payload/backlog_item_id', message: 'is required' },
      { path: '/payload/x', message: 'is not allowed' },
      { path: '/payload/started_at', message: 'must be an RFC 3339 time ending in Z' },
    ]);
    expect(validator.errorsOf(null)).toEqual([{ path: '', message: 'must be object' }]);
    expect(validator.errorsOf({ ...event, event_type: 'A.B' })).toEqual([
      { path: '/event_type', message: 'no schema for event_type=A.B' },
    ]);
    expect(validator.errorsOf({ ...event, event_version: 9 })).toEqual([
      { path: '/event_version', message: 'no schema for event_type=WORK.ITEM_STARTED event_version=9' },
    ]);
    expect(validator.errorsOf(withPayload('WORK.ITEM_DISPATCHED', { agent_target: 'x' }))).toEqual([
      { path: '/payload/agent_target', message: 'unknown agent_target: x' },
    ]);
    expect(validator.errorsOf(withPayload('AGENT.TASK_DISPATCHED', { agent: 'x' }))).toEqual([
      { path: '/payload/agent', message: 'unknown agent_target: x' },
    ]);
  });

  it('exist exactly when the check rejects', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(PAYLOADS)), fc.string(), fc.jsonValue(), (type, key, value) => {
        const candidate = {
          ...sampleEvent(type as EventType),
          payload: { ...PAYLOADS[type as EventType], [key]: value },
        };
        expect(validator.errorsOf(candidate).length === 0).toBe(check(candidate).ok);
      }),
      { numRuns: 300 },
    );
  });

  it('of an inline schema that refers to the objects are listed', () => {
    const violations = validator.compile({
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 200, pattern: '\\S' },
        key: { type: 'string', minLength: 3 },
        tags: { type: 'array', minItems: 2 },
        items: { type: 'array', items: { $ref: '../objects/plan_item.v1.schema.json' } },
      },
    });
    expect(violations({ name: 'x' })).toEqual([]);
    expect(violations({ name: ' ', key: 'a', tags: [], items: [{ key: 'a', titel: '' }, 1], b: 1 })).toEqual([
      { path: '/b', message: 'is not allowed' },
      { path: '/name', message: 'must not be blank' },
      { path: '/key', message: 'must have at least 3 characters' },
      { path: '/tags', message: 'must have at least 2 elements' },
      { path: '/items/0/title', message: 'is required' },
      { path: '/items/0/agent_target', message: 'is required' },
      { path: '/items/0/titel', message: 'is not allowed' },
      { path: '/items/1', message: 'must be object' },
    ]);
    expect(violations(1)).toEqual([{ path: '', message: 'must be object' }]);
  });

  it('are at most a hundred', () => {
    const violations = validator.compile({ type: 'array', items: { type: 'string' } });
    expect(violations(Array(5000).fill(1))).toHaveLength(100);
  });

  it('of keywords without own wording carry the message of the schema', () => {
    const violations = validator.compile({ type: 'number', multipleOf: 2 });
    expect(violations(3)).toEqual([{ path: '', message: 'must be multiple of 2' }]);
  });
});

it('asking for an object schema that does not exist is an error of the caller', () => {
  expect(() => validator.checkObject('toString', {})).toThrow(RangeError);
  expect(validator.checkObject('counts', {})).toEqual({
    reason: 'invalid counts: /total is required',
    schemaId: 'https://audit-flash-os/schemas/objects/counts.v1.schema.json',
  });
});

describe('a text that is no JSON', () => {
  const problem = (text: string) => {
    const parsed = parseJson(text);
    return parsed.ok ? null : parsed.problem;
  };

  it.each([
    ['a secret', 'canary', 0],
    ['a member without a name', '{"a":1,}', 7],
    ['a name without a colon', '{"a" 1}', 5],
    ['a list without a comma', '[1 2]', 3],
    ['a bracket of the other kind', '[1}', 2],
    ['a wrong word', '[nulL]', 4],
    ['a leading zero', '[01]', 2],
    ['a sign alone', '[-]', 2],
    ['a fraction without digits', '[1.]', 3],
    ['an exponent without digits', '[1e+]', 4],
    ['a line end in a text', '["a\n"]', 3],
    ['an escape there is not', '["\\x"]', 3],
    ['a code that is no number', '["\\u00g0"]', 6],
    ['something behind it', '{} {}', 3],
  ])('has its place told and nothing of it: %s', (_, text, at) => {
    expect(problem(text)).toBe(`unexpected character at position ${at}`);
  });

  it('is told by the position where it ends too early, or where it is wrong', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(), fc.nat(3), (text, where, spaces) => {
        const spaced = JSON.stringify(JSON.parse(text), null, spaces);
        const at = where % (spaced.length + 1);
        const cut = problem(spaced.slice(0, at));
        if (cut !== null) expect(cut).toBe(`unexpected end at position ${at}`);
        const broken = `${spaced.slice(0, at)}\u0001${spaced.slice(at)}`;
        expect(problem(broken)).toBe(`unexpected character at position ${at}`);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is found out about in a time that grows with its length', () => {
    const wide = `[${'"\\u0041",[{"a":-1.5e3}], '.repeat(60_000)}`;
    expect(problem(wide)).toBe(`unexpected end at position ${wide.length}`);
  });
});
