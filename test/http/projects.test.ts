import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANALYSIS, startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

async function create(json: unknown = ANALYSIS): Promise<string> {
  const answer = await platform.call('POST', '/api/projects', { json });
  expect(answer.status, answer.text).toBe(201);
  return answer.json.project_id;
}

describe('a project', () => {
  test('can be read as soon as its request is answered, and runs to its report', async () => {
    const answer = await platform.call('POST', '/api/projects', { json: ANALYSIS });
    expect(answer.json).toEqual({
      project_id: expect.any(String),
      status: 'CREATED',
      message: 'Project accepted',
      rows: 3,
      warnings: [],
    });
    const id = answer.json.project_id;
    expect(answer.headers.get('location')).toBe(`/api/projects/${id}`);
    expect((await platform.call('GET', `/api/projects/${id}`)).status).toBe(200);
    await until(platform, id, 'COMPLETED');
    const { json } = await platform.call('GET', `/api/projects/${id}`);
    expect(json).toMatchObject({
      name: 'Q3 audit',
      plan: 'analysis',
      completion_percentage: 100,
      counts: { total: 5, done: 5 },
      correlation_id: answer.headers.get('x-correlation-id'),
    });
    const deliverable = await platform.call('GET', `/api/projects/${id}/deliverables/${json.report_deliverable_id}`);
    expect(deliverable.json).toMatchObject({ type: 'final_report', backlog_item_id: null });
  });
});
