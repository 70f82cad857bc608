/**
 * E-mails of an order: what the message says, and what is attached to it, down to messages in messages.
 *
 * Owns: which part is what, how many parts and levels there may be, and the ids of attachments: derived from the
 * message's id and their number, so reading again gives the same. Keeps I11.
 */
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import type { Content, ReadDocument, ReadMessage } from '../../machines/orders/document.ts';
import { deriveId } from '../runtime/ids.ts';
import { shownName } from './file-names.ts';
import { partsOf } from './file-parts.ts';
import { recognize } from './file-types.ts';
import { textOfHtml } from './html.ts';
import { countParts } from './mime-parts.ts';
import { type FileToRead, identityOf, readFileDocument, reasonOf, unreadable } from './read-file.ts';
import { Refused } from './table.ts';
import { linesContent } from './text.ts';

/** Messages in messages, the outermost one included. */
const MAX_LEVELS = 5;
/** In a message and all messages in it, without pictures that are part of a text, and signatures. */
const MAX_ATTACHMENTS = 20;
const MAX_PARTS = 200;
const MAX_HEADER_BYTES = 256 * 1024;

/** Keeps the bytes of an attachment. */
export type Keep = (artifactId: string, bytes: Uint8Array) => Promise<void>;

interface Reading {
  keep: Keep;
  /** So far, in all levels. */
  attachments: number;
}

/** What a message says, as a document of its own, and all that is attached to it. */
export async function readMessageDocuments(
  file: FileToRead,
  mismatch: string | null,
  keep: Keep,
): Promise<ReadDocument[]> {
  return documentsOf(file, mismatch, { keep, attachments: 0 }, 1);
}

/**
 * A message as an order: sender, subject and body, and its attachments.
 * @param headersOnly why nothing but the headers is to be read, if that is so: the message counts as unreadable
 */
export async function readWholeMessage(file: FileToRead, keep: Keep, headersOnly: string | null): Promise<ReadMessage> {
  let email: Email;
  let reason = headersOnly;
  try {
    if (headersOnly !== null) throw new Refused(400, headersOnly);
    email = await parse(file.bytes);
    const { content, text } = bodyOf(email);
    const body = await bodyDocument(file, text, content, keep);
    const attached = await attachedTo(file, email, { keep, attachments: 0 }, 1);
    return { from: senderOf(email), subject: email.subject ?? '', body: text, documents: [body, ...attached] };
  } catch (error) {
    reason ??= reasonOf(error);
    email = await parseHeaders(file.bytes);
  }
  const documents = [unreadable(identityOf(file, 'eml'), reason)];
  return { from: senderOf(email), subject: email.subject ?? '', body: '', documents };
}

async function bodyDocument(file: FileToRead, text: string, content: Content, keep: Keep): Promise<ReadDocument> {
  const bytes = new TextEncoder().encode(text);
  const artifact_id = deriveId(file.artifact_id, 'body');
  await keep(artifact_id, bytes);
  const body = { artifact_id, parent_id: null, filename: 'body.txt', declaredType: 'text/plain', bytes };
  return { ...identityOf(body, 'txt'), status: 'parsed', reason: null, mismatch: null, content };
}

async function documentsOf(
  file: FileToRead,
  mismatch: string | null,
  reading: Reading,
  level: number,
): Promise<ReadDocument[]> {
  const identity = identityOf(file, 'eml');
  try {
    if (level > MAX_LEVELS)
      throw new Refused(400, `more than ${MAX_LEVELS} messages in each other`, 'file', 'nesting depth');
    const email = await parse(file.bytes);
    const { content } = bodyOf(email);
    const message: ReadDocument = { ...identity, status: 'parsed', reason: null, mismatch, content };
    return [message, ...(await attachedTo(file, email, reading, level))];
  } catch (error) {
    return [unreadable(identity, reasonOf(error), mismatch)];
  }
}

async function parse(bytes: Uint8Array): Promise<Email> {
  if (countParts(bytes, MAX_PARTS) > MAX_PARTS) {
    throw new Refused(400, `the message has more than ${MAX_PARTS} parts`, 'file', 'part count');
  }
  return PostalMime.parse(bytes, {
    forceRfc822Attachments: true,
    maxHeadersSize: MAX_HEADER_BYTES,
    maxNestingDepth: 32,
  });
}

/** Of a message that cannot be read as a whole. */
async function parseHeaders(bytes: Uint8Array): Promise<Email> {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_HEADER_BYTES / 2));
  const end = /\r?\n\r?\n/.exec(head.toString('latin1'))?.index ?? head.length;
  // What the body is written in does not matter.
  const headers = head.toString('latin1', 0, end).replace(/^content-[^\n]*(?:\n[ \t][^\n]*)*\n?/gim, '');
  return PostalMime.parse(Buffer.from(`${headers}\r\n\r\n`, 'latin1')).catch(() => ({
    headers: [],
    headerLines: [],
    attachments: [],
  }));
}

function senderOf(email: Email): string | null {
  const addresses = (address: Address | undefined): string[] =>
    address === undefined ? [] : (address.group ?? [address]).map((mailbox) => mailbox.address.trim());
  return [...addresses(email.from), ...addresses(email.sender)].find((address) => address !== '') ?? null;
}

/** Its text, else its HTML as text. */
function bodyOf(email: Email): { text: string; content: Content } {
  const given = email.text?.trim() ? { text: email.text, hidden: '' } : textOfHtml(email.html ?? '');
  const text = given.text.replace(/\r\n?/g, '\n').trimEnd();
  const content = linesContent(text);
  return { text, content: given.hidden === '' ? content : { ...content, hidden: given.hidden } };
}

async function attachedTo(message: FileToRead, email: Email, reading: Reading, level: number): Promise<ReadDocument[]> {
  const documents: ReadDocument[] = [];
  for (const [index, attachment] of email.attachments.entries()) {
    const file: FileToRead = {
      artifact_id: deriveId(message.artifact_id, 'attachment', index),
      parent_id: message.artifact_id,
      filename: nameOf(attachment, index + 1),
      declaredType: attachment.mimeType,
      bytes: contentOf(attachment),
    };
    documents.push(...(await readAttachment(file, attachment, reading, level)));
  }
  return documents;
}

async function readAttachment(
  file: FileToRead,
  attachment: Attachment,
  reading: Reading,
  level: number,
): Promise<ReadDocument[]> {
  const recognized = await recognize(partsOf(file.bytes), file.filename, file.declaredType).catch(() => null);
  const skipped = recognized?.type ? null : skippedAs(attachment);
  if (!skipped) reading.attachments += 1;
  if (reading.attachments > MAX_ATTACHMENTS) return [unreadable(identityOf(file, null), 'attachment count')];
  await reading.keep(file.artifact_id, file.bytes);
  if (skipped) {
    return [{ ...identityOf(file, null), status: 'skipped', reason: skipped, mismatch: null, content: null }];
  }
  if (recognized?.type === 'eml') return documentsOf(file, recognized.mismatch, reading, level + 1);
  return [await readFileDocument(file)];
}

const SIGNATURES = /^application\/(?:(?:x-)?pkcs7-signature|pgp-signature)$/;

function skippedAs({ mimeType, disposition, related, contentId }: Attachment): string | null {
  if (SIGNATURES.test(mimeType)) return 'signature';
  const isInline =
    disposition === 'inline' || related === true || (contentId !== undefined && disposition !== 'attachment');
  return mimeType.startsWith('image/') && isInline ? 'inline image' : null;
}

function contentOf({ content }: Attachment): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
}

function nameOf({ filename, mimeType }: Attachment, number: number): string {
  const name = shownName(filename ?? '');
  if (name !== '') return name;
  return mimeType === 'message/rfc822' ? `message-${number}.eml` : `attachment-${number}`;
}
