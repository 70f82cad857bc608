/**
 * The files of one order, from documents to what they say together.
 *
 * Owns: which document is the text of the message and which are attached to it. Does not own how files are read, nor
 * how an order is read (`machines/orders`).
 */

import type { ReadDocument, ReadMessage } from '../../machines/orders/document.ts';
import { fileHashesOf } from '../../machines/orders/duplicates.ts';
import { type ModelOutcome, type OrderInput, type OrderReading, readOrder } from '../../machines/orders/read-order.ts';

/** What is known of an order besides its files. */
export type OrderForm = Omit<OrderInput, 'documents' | 'body'>;

/** An order's files once they have been read: a form's text and files, or a raw message. */
export type OrderFiles =
  | { body: OrderInput['body']; documents: readonly ReadDocument[] }
  | { messageId: string; message: ReadMessage };

/** What an order's files say, and what became of them. */
export interface FilesReading {
  reading: OrderReading;
  /** Without their content. A raw message is not among them, unless it cannot be read; its text is. */
  documents: ReadDocument[];
  /** SHA-256 of the files that make two orders one. */
  fileHashes: string[];
}

export function readOrderFiles(form: OrderForm, files: OrderFiles, model?: ModelOutcome): FilesReading {
  const { body, documents } = 'message' in files ? partsOfMessage(files) : files;
  const all = 'message' in files ? files.message.documents : documents;
  return {
    reading: readOrder({ ...form, body, documents }, model),
    documents: all.map(withoutContent),
    fileHashes: fileHashesOf(documents),
  };
}

/** A message that can be read begins with its text; one that cannot is its own and only document. */
function partsOfMessage({ messageId, message }: { messageId: string; message: ReadMessage }) {
  const [first, ...attached] = message.documents;
  if (!first || first.artifact_id === messageId) return { body: null, documents: message.documents };
  const { artifact_id, filename } = first;
  return { body: { artifact_id, filename, text: message.body }, documents: attached };
}

export const withoutContent = (document: ReadDocument): ReadDocument => ({ ...document, content: null });
