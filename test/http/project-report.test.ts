import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANALYSIS, create, ROWS, startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

const report = (id: string, format?: string) =>
  platform.call('GET', `/api/projects/${id}/report${format === undefined ? '' : `?format=${format}`}`);

describe('the report of a project', () => {
  test('is a page by default, and a CSV or a workbook if wanted', async () => {
    const id = await create(platform);
    await until(platform, id, 'COMPLETED');
    const page = await report(id);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-disposition')).toBe('inline; filename="report-Q3-audit.html"');
    expect(page.headers.get('content-security-policy')).toContain(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.text).toContain('<h1>Q3 audit</h1>');
    expect(page.text).not.toContain('Preliminary');
    expect(page.text).toContain('3 rows were read; all durations are in the input.');
    const csv = await report(id, 'csv');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="report-Q3-audit.csv"');
    expect(csv.text).toContain('Summary,Hours,value,2.25,h\r\n');
    const book = await report(id, 'xlsx');
    expect([book.status, book.text.slice(0, 2)]).toEqual([200, 'PK']);
    expect(book.headers.get('content-disposition')).toBe('attachment; filename="report-Q3-audit.xlsx"');
    expect(Number(book.headers.get('content-length'))).toBeGreaterThan(5_000);
  });

  test('states the findings and what is missing in the final report, too', async () => {
    const id = await create(platform);
    const { report_deliverable_id } = await until(platform, id, 'COMPLETED');
    const { json } = await platform.call('GET', `/api/projects/${id}/deliverables/${report_deliverable_id}`);
    expect(json.content.findings.length).toBeGreaterThanOrEqual(5);
    expect(json.content).not.toHaveProperty('missing');
    expect(json.content.findings[0].source).toMatch(/^input|friction_analysis/);
  });

  test('is preliminary while the project goes on', async () => {
    const id = await create(platform, { name: 'Audit', description: 'Find out where the time goes', rows: ROWS });
    await until(platform, id, 'AWAITING_INPUT');
    await expect.poll(async () => (await report(id)).status, { timeout: 10_000 }).toBe(200);
    await expect.poll(async () => (await report(id)).text, { timeout: 10_000 }).toContain('Where the time goes');
    const { text } = await report(id);
    expect(text).toContain('<strong>Preliminary.</strong>');
    expect(text).toContain('“Estimate cost” is not done yet.');
    expect((await report(id, 'csv')).text).toContain('Report,project,preliminary,true,');
  });

  test('is refused with the status while nothing is there', async () => {
    const items = [{ key: 'a', title: 'Wait', agent_target: 'worker', depends_on: [], requires_approval: true }];
    const id = await create(platform, { name: 'Audit', description: 'Wait for a person to approve', items });
    await until(platform, id, 'AWAITING_INPUT');
    const { status, json } = await report(id);
    expect([status, json.error.code, json.error.details.status]).toEqual([409, 'CONFLICT', 'AWAITING_INPUT']);
  });

  test('of a stopped project says what is missing', async () => {
    const id = await create(platform, { name: 'Audit', description: 'Find out where the time goes', rows: ROWS });
    await until(platform, id, 'AWAITING_INPUT');
    await platform.call('POST', `/api/projects/${id}/stop`);
    await until(platform, id, 'STOPPED');
    const { status, text } = await report(id);
    expect(status).toBe(200);
    expect(text).toContain('What is missing');
    expect(text).not.toContain('Preliminary');
  });

  test('shows hostile names as texts in every format', async () => {
    const name = '=1+1 <script>alert(1)</script> "\\../☃';
    const rows = [
      { text: '<img src=x onerror=alert(1)>', estimated_minutes: 10, category: '=cmd()' },
      { text: '<img src=x onerror=alert(1)>', estimated_minutes: 10, category: '@x' },
      { text: "'><svg/onload=alert(1)>", estimated_minutes: 10, category: '+y' },
    ];
    const id = await create(platform, { ...ANALYSIS, name, rows });
    await until(platform, id, 'COMPLETED');
    const page = await report(id);
    expect(page.text).not.toMatch(/<script|<img|<svg\/onload/);
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page.headers.get('content-disposition')).toBe('inline; filename="report-1-1-script-alert-1-script.html"');
    const { text } = await report(id, 'csv');
    expect(text).toContain("Categories,'=cmd(),Hours,");
    expect(text).not.toMatch(/(^|,|\r\n)"?[=@]/m);
    expect((await report(id, 'xlsx')).status).toBe(200);
  });

  test('is found by known projects, formats and keys alone', async () => {
    expect((await report(randomUUID())).status).toBe(404);
    expect((await report('no-uuid')).status).toBe(404);
    const id = await create(platform);
    expect((await report(id, 'pdf')).status).toBe(400);
    const withKeys = await startPlatform({
      API_KEYS: 'a:teams:run:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
    });
    try {
      const path = `/api/projects/${id}/report`;
      expect((await withKeys.call('GET', path)).status).toBe(401);
      expect((await withKeys.call('GET', path, { headers: { authorization: 'Bearer foo' } })).status).toBe(403);
    } finally {
      await withKeys.stop();
    }
  });
});
