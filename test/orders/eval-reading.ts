/**
 * Reads a specimen as production does, without a model.
 *
 * Owns: what the intake does around the reader: a message is taken apart, a file is an attachment of an empty message.
 * Until files are read as documents, only text is.
 */
import { createHash } from 'node:crypto';
import type { ReadDocument } from '../../machines/orders/document.ts';
import { readOrder } from '../../machines/orders/read-order.ts';
import { decodeText } from '../../src/documents/csv.ts';
import type { Read } from './eval-invented.ts';
import type { Specimen } from './generator/truth.ts';

export function readSpecimen({ file }: Specimen): Promise<Read> {
  const isText = file.filename.endsWith('.txt');
  const document: ReadDocument = {
    artifact_id: 'file',
    parent_id: null,
    filename: file.filename,
    mime_type: 'text/plain',
    size: file.bytes.length,
    sha256: createHash('sha256').update(file.bytes).digest('hex'),
    status: isText ? 'parsed' : 'unreadable',
    reason: isText ? null : 'unsupported type',
    mismatch: null,
    content: isText ? { kind: 'lines', text: decodeText(file.bytes) } : null,
  };
  const reading = readOrder({
    order_id: '00000000-0000-4000-8000-000000000000',
    received_day: '2026-01-01',
    from_email: 'buyer@customer.example',
    form: {},
    subject: '',
    body: null,
    documents: [document],
  });
  return Promise.resolve({ reading, documents: [document], subject: '' });
}
