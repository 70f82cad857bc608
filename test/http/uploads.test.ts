import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SentBody, startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ HTTP_MAX_UPLOAD_BYTES: '65536', HTTP_MAX_BODY_BYTES: '32768' });
});
afterAll(() => platform.stop());

const CSV = 'Task,Type,Hours\nTicket triage,ops,1.5\nTicket triage,ops,0.5\nSecurity review,,\n';

function form(fields: Record<string, string>, file?: { name: string; content: string; field?: string }): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  if (file) data.append(file.field ?? 'file', new Blob([file.content]), file.name);
  return data;
}
const post = (body: SentBody, headers = {}) => platform.call('POST', '/api/projects', { body, headers });
const BASE = { name: 'Upload', description: 'Find out where time goes' };

describe('a form with a file', () => {
  test('becomes a project with the rows of the file', async () => {
    const fields = { ...BASE, hourly_rate: '100', requires_approval: 'false', requester: '{"name":"Ada"}', sheet: '' };
    const answer = await post(form(fields, { name: 'tasks.csv', content: CSV }));
    expect(answer.status, answer.text).toBe(201);
    const { rows, warnings, input } = answer.json;
    expect(rows).toBe(3);
    expect(warnings).toEqual([expect.stringMatching(/^1 of 3 rows do not have a time in the file/)]);
    expect(input).toMatchObject({
      file: 'tasks.csv',
      columns: { text: { header: 'Task' }, category: { header: 'Type' }, duration: { header: 'Hours' } },
      unit: { unit: 'h', by: 'header', assumed: false },
      rows: { read: 3, given: 2, inferred: 1, ignored: {} },
      minutes: { given: 120, inferred: 60 },
      warnings,
    });
    const project = await until(platform, answer.json.project_id, 'COMPLETED');
    expect(project).toMatchObject({ plan: 'analysis', requester: { name: 'Ada' }, input });
    expect(project.file).toEqual({ filename: 'tasks.csv', content_type: 'text/csv', size: CSV.length });
    const { json } = await platform.call('GET', `/api/projects/${project.id}/events?limit=1`);
    expect(json.events[0].event.payload.rows[2]).toEqual({
      text: 'Security review',
      category: 'security',
      estimated_minutes: 60,
      estimate_source: 'inferred',
      source_row: 3,
    });
  });

  test('is refused with the place in the file', async () => {
    const { status, json } = await post(form(BASE, { name: 'tasks.csv', content: 'foo,bar\n1,2\n' }));
    expect([status, json.error.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(json.error.details.errors[0]).toEqual({
      path: expect.stringMatching(/^file/),
      message: expect.stringContaining('foo'),
    });
  });

  test('is 415 for what is no table', async () => {
    const answer = await post(form(BASE, { name: 'tasks.pdf', content: '%PDF-1.7\n%\xff\x00' }));
    expect([answer.status, answer.json.error.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  test('is 413 for a large file, more than one file, too many parts, or too much text', async () => {
    const large = { name: 'a.csv', content: 'a'.repeat(65_537) };
    const two = form(BASE, { name: 'a.csv', content: CSV });
    two.append('file', new Blob([CSV]), 'b.csv');
    const many = form(BASE);
    for (let n = 0; n < 20; n++) many.append(`field${n}`, '1');
    const text = form({ ...BASE, description: 'x'.repeat(40_000) });
    const whole = form({ ...BASE, description: 'x'.repeat(200_000) });
    for (const body of [form(BASE, large), two, many, text, whole]) {
      const answer = await post(body);
      expect([answer.status, answer.json.error.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
      expect(answer.headers.get('connection')).toBe('close');
    }
  });

  test('is 400 when it is malformed, or its fields are', async () => {
    const type = { 'content-type': 'multipart/form-data; boundary=x' };
    for (const [body, headers] of [
      ['--x\r\nnonsense', type],
      ['', type],
      ['--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nn\r\n', type],
      ['--x--', { 'content-type': 'multipart/form-data' }],
      ['--x--', { 'content-type': 'multipart/form-data; boundary=' }],
    ] as const) {
      expect([body, (await post(body, headers)).status]).toEqual([body, 400]);
    }
    for (const fields of [
      { ...BASE, hourly_rate: 'much' },
      { ...BASE, rows: '[{' },
      { ...BASE, requires_approval: 'perhaps' },
      { ...BASE, unknown: '1' },
      { ...BASE, file: 'text' },
      { ...BASE, sheet: 'First' },
      { ...BASE, requester: '{"__proto__":{"polluted":1}}' },
      { name: 'Only a name' },
    ]) {
      expect([fields, (await post(form(fields))).status]).toEqual([fields, 400]);
    }
    const both = form({ ...BASE, rows: '[{"text":"a"}]' }, { name: 'a.csv', content: CSV });
    expect((await post(both)).json.error.details.errors[0].path).toBe('/rows');
    const other = form(BASE, { name: 'a.csv', content: CSV, field: 'upload' });
    expect((await post(other)).status).toBe(400);
    const twice = form(BASE);
    twice.append('name', 'Again');
    expect((await post(twice)).status).toBe(400);
  });

  test('repeated with its Idempotency-Key is the same request, whatever its boundary', async () => {
    const headers = { 'idempotency-key': 'upload-1' };
    const first = await post(form(BASE, { name: 'tasks.csv', content: CSV }), headers);
    const second = await post(form(BASE, { name: 'tasks.csv', content: CSV }), headers);
    expect([first.status, second.status, second.json]).toEqual([201, 201, first.json]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const other = await post(form(BASE, { name: 'tasks.csv', content: `${CSV}x,y,1\n` }), headers);
    expect(other.status).toBe(409);
  });
});

describe('a form without a file', () => {
  test('is a project like any other', async () => {
    const answer = await post(
      form({ ...BASE, rows: '[{"text":"a","estimated_minutes":"1h"}]', hourly_rate: ' 80.5 ' }),
    );
    expect(answer.status, answer.text).toBe(201);
    expect(answer.json.rows).toBe(1);
  });
});
