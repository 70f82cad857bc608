/** @module-tag slow */
/** Files that are made to do harm: each becomes what it must, and a file read beside it is not affected. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadDocument } from '../../../machines/orders/document.ts';
import { createDocumentReader, type DocumentReader } from '../../../src/documents/document-reader.ts';
import { pdf, textAt } from '../../fixtures/pdf.ts';
import { CORPUS, type HostileFile } from './corpus.ts';
import { attached, multipart, nested, text } from './messages.ts';

const artifact_id = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const job = (filename: string, bytes: Uint8Array | string, declaredType: string | null = null) => ({
  ...{ artifact_id, filename, declaredType },
  source: { bytes: new Uint8Array(Buffer.from(bytes as string)) },
});
/** Long enough for a busy machine; files that exceed the limit of time anyway get a short one. */
const TEST_MS = 120_000;

/** What a person would see of it. */
function visibleTexts({ content }: ReadDocument): string[] {
  if (content?.kind === 'lines') return [content.text];
  const cells = content?.kind === 'sheets' ? content.sheets.flatMap(({ rows }) => rows.flat()) : [];
  const items = content?.kind === 'pages' ? content.pages.flatMap((page) => page.items) : [];
  return [...cells, ...items].filter(({ hidden }) => !hidden).map(({ text: shown }) => shown);
}

function expectOf(document: ReadDocument, { expected }: HostileFile): void {
  const { status, reason } = document;
  if (expected.status === 'any') return;
  expect({ status, reason }).toEqual({
    status: expected.status,
    reason: expected.reason === undefined ? reason : expect.toSatisfy((is) => [expected.reason].flat().includes(is)),
  });
  if (expected.texts) expect(visibleTexts(document)).toEqual(expected.texts);
}

describe('a hostile file', () => {
  let reader: DocumentReader;
  let impatient: DocumentReader;
  beforeAll(() => {
    reader = createDocumentReader({ threads: 2, deadlineMs: TEST_MS });
    impatient = createDocumentReader({ threads: 2, deadlineMs: 5_000 });
  });
  afterAll(() => Promise.all([reader.close(), impatient.close()]));

  it.each(CORPUS.map((file) => [file.name, file] as const))(
    'with %s becomes what it must, and the file beside it is read',
    async (_, file) => {
      const by = file.isEndless ? impatient : reader;
      const hostile = by.read(job(file.filename, file.bytes()));
      const beside = await reader.read(job('beside.csv', 'sku,qty\nA-1,5\n'));
      const [document] = await hostile;
      expectOf(document as ReadDocument, file);
      expect(beside.map(visibleTexts)).toEqual([['sku', 'qty', 'A-1', '5']]);
      const after = await by.read(
        job('after.pdf', pdf({ pages: [{ content: textAt(9, 9, 'Send 20 blue pens, please.') }] })),
      );
      expect(after.map(visibleTexts)).toEqual([['Send 20 blue pens, please.']]);
    },
    TEST_MS,
  );
});

describe('a hostile message', () => {
  let reader: DocumentReader;
  let directory: string;
  beforeAll(async () => {
    reader = createDocumentReader({ deadlineMs: TEST_MS });
    directory = await mkdtemp(join(tmpdir(), 'hostile-'));
  });
  afterAll(async () => {
    await reader.close();
    await rm(directory, { recursive: true });
  });

  it('of 30 levels is read to the fifth', async () => {
    const documents = await reader.read(job('order.eml', nested(30)));
    expect(documents.map(({ status, reason }) => reason ?? status)).toEqual([
      ...Array(5).fill('parsed'),
      'nesting depth',
    ]);
    expect(documents.map(({ parent_id }) => parent_id)).toEqual([
      null,
      ...documents.slice(0, -1).map((document) => document.artifact_id),
    ]);
  });

  it('of 50 attachments is read to the twentieth', async () => {
    const parts = Array.from({ length: 50 }, (_, i) => attached(`${i}.csv`, `sku,qty\nA-${i},1\n`));
    const { documents } = await reader.readMessage(job('order.eml', multipart([text('hello'), ...parts])));
    expect(documents.filter(({ status }) => status === 'parsed')).toHaveLength(1 + 20);
    expect(documents.filter(({ reason }) => reason === 'attachment count')).toHaveLength(30);
  });

  it('of 10,000 parts has a sender and a subject, and is unreadable', async () => {
    const parts = Array.from({ length: 10_000 }, () => text('x'));
    expect(await reader.readMessage(job('message.eml', multipart(parts)))).toMatchObject({
      from: 'buyer@acme.example',
      subject: 'Order',
      body: '',
      documents: [{ artifact_id, filename: 'message.eml', status: 'unreadable', reason: 'part count' }],
    });
  });

  it.each([
    ['../../etc/passwd.csv', 'passwd.csv'],
    ['/etc/cron.d/job.csv', 'job.csv'],
    ['C:\\\\Windows\\\\a.csv', 'a.csv'],
    ['..', 'attachment-1'],
    [`${'a'.repeat(1000)}.csv`, `${'a'.repeat(200)}.csv`],
  ])('with the attachment %s leaves its folder alone', async (name, shown) => {
    const raw = multipart([text('hello'), attached(name, 'sku,qty\nA,1\n')]);
    const { documents } = await reader.readMessage({ ...job('order.eml', raw), directory });
    expect(documents.map(({ filename }) => filename)).toEqual(['body.txt', shown]);
    expect((await readdir(directory)).sort()).toEqual(documents.map((document) => document.artifact_id).sort());
    const [, attachment] = documents as [unknown, ReadDocument];
    const path = join(directory, attachment.artifact_id);
    expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual(['sku,qty\nA,1\n', 0o600]);
  });

  it('with a bomb attached has a body and an unreadable attachment', async () => {
    const bomb = CORPUS.find(({ name }) => name.includes('header says 10 bytes')) as HostileFile;
    const raw = multipart([text('see attachment'), attached('order.xlsx', bomb.bytes())]);
    expect(await reader.readMessage(job('order.eml', raw))).toMatchObject({
      body: 'see attachment',
      documents: [{ status: 'parsed' }, { filename: 'order.xlsx', status: 'unreadable', reason: 'inflated size' }],
    });
  });
});
