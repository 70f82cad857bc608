/**
 * Reads a specimen as production does, without a model.
 *
 * Owns: what the intake does around the reader: a message is taken apart, a file is an attachment of an empty message.
 * Reads in this thread; the limits of reading threads are tested elsewhere.
 */
import type { ReadDocument, ReadMessage } from '../../machines/orders/document.ts';
import { type OrderInput, readOrder } from '../../machines/orders/read-order.ts';
import { type DocumentJob, type ReadingResult, readingTask } from '../../src/documents/document-task.ts';
import type { Read } from './eval-invented.ts';
import type { Specimen } from './generator/truth.ts';

const UPLOADER = 'upload@customer.example';

export async function readSpecimen({ file: { filename, bytes } }: Specimen): Promise<Read> {
  const job: DocumentJob = { artifact_id: 'file', filename, declaredType: null, source: { bytes } };
  if (filename.endsWith('.eml')) return readMessage(await readingTask({ kind: 'message', job, headersOnly: null }));
  const documents = (await readingTask({ kind: 'file', job })) as readonly ReadDocument[];
  return { ...order({ from_email: UPLOADER, subject: '', body: null, documents }), documents };
}

function readMessage(result: ReadingResult): Read {
  const { from, subject, body, documents } = result as ReadMessage;
  const [first, ...attached] = documents;
  const message = first === undefined ? null : { artifact_id: first.artifact_id, filename: first.filename, text: body };
  return { ...order({ from_email: from ?? UPLOADER, subject, body: message, documents: attached }), documents };
}

function order(message: Pick<OrderInput, 'from_email' | 'subject' | 'body' | 'documents'>): Omit<Read, 'documents'> {
  const reading = readOrder({
    order_id: '00000000-0000-4000-8000-000000000000',
    received_day: '2026-01-01',
    form: {},
    ...message,
  });
  return { reading, subject: message.subject };
}
