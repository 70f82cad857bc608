/**
 * Reads a specimen as production does, without a model.
 *
 * Owns: what the intake does around the reader: a message is taken apart, a file is an attachment of an empty message.
 * Reads in this thread; the limits of reading threads are tested elsewhere.
 */
import type { ReadDocument, ReadMessage } from '../../machines/orders/document.ts';
import { type DocumentJob, readingTask } from '../../src/documents/document-task.ts';
import { type OrderForm, readOrderFiles } from '../../src/documents/order-files.ts';
import type { Read } from './eval-invented.ts';
import type { Specimen } from './generator/truth.ts';

const UPLOADER = 'upload@customer.example';

export async function readSpecimen({ file: { filename, bytes } }: Specimen): Promise<Read> {
  const job: DocumentJob = { artifact_id: 'file', filename, declaredType: null, source: { bytes } };
  if (!filename.endsWith('.eml')) {
    const documents = (await readingTask({ kind: 'file', job })) as readonly ReadDocument[];
    const { reading } = readOrderFiles(formOf(UPLOADER, ''), { body: null, documents });
    return { reading, subject: '', documents };
  }
  const message = (await readingTask({ kind: 'message', job, headersOnly: null })) as ReadMessage;
  const { from, subject, documents } = message;
  const { reading } = readOrderFiles(formOf(from ?? UPLOADER, subject), { messageId: job.artifact_id, message });
  return { reading, subject, documents };
}

const formOf = (from_email: string, subject: string): OrderForm => ({
  ...{ order_id: '00000000-0000-4000-8000-000000000000', received_day: '2026-01-01', form: {} },
  ...{ from_email, subject },
});
