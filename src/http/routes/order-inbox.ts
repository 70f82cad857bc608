/**
 * How an order comes in.
 *
 * Owns: `POST /orders/inbox`: which files are taken, where they are before the event that tells of them, and what is left
 * of a refused request: nothing. Does not own how files are read.
 */

import { BODY_ARTIFACT, MESSAGE_ARTIFACT } from '../../../machines/orders/order-state.ts';
import { isEmail } from '../../../schemas/formats.ts';
import type { DocumentReader } from '../../documents/document-reader.ts';
import { shownName } from '../../documents/file-names.ts';
import { MIME_TYPES, recognizeFile } from '../../documents/file-types.ts';
import { TooManyWaiting } from '../../documents/reading-threads.ts';
import { Fault } from '../../errors.ts';
import { deriveId } from '../../runtime/ids.ts';
import type { Artifacts } from '../../store/artifacts.ts';
import type { Orders } from '../../store/orders.ts';
import type { Edge } from '../edge.ts';
import { asFault, invalid, unavailable, type Violation } from '../errors.ts';
import type { StoredUpload } from '../form.ts';
import {
  type GivenOrder,
  inboxEvent,
  MAX_EMAIL_CHARS,
  type NamedFile,
  ORDER_FORM_FIELDS,
  orderFormSchema,
  receivedView,
} from '../given-order.ts';
import * as shown from '../order-shapes.ts';
import { type Call, type OwnLimit, type Route, route } from '../route.ts';

export interface OrderInboxOptions {
  prefix: string;
  ownLimit: OwnLimit;
  orders: Orders;
  artifacts: Artifacts;
  reader: DocumentReader;
  edge: Edge;
}

const FILES_MAX = 10;
const PARTS_MAX = 50;

export function orderInboxRoute(options: OrderInboxOptions): Route {
  const { prefix, ownLimit } = options;
  return route<Record<string, never>, GivenOrder | undefined>({
    method: 'POST',
    path: `${prefix}/orders/inbox`,
    access: 'orders:write',
    ownLimit,
    tag: 'Orders',
    summary: 'Send an order',
    body: {
      form: {
        fields: ORDER_FORM_FIELDS,
        schema: orderFormSchema,
        files: {
          field: 'files',
          filesMax: FILES_MAX,
          partsMax: PARTS_MAX,
          description: 'XLSX, XLS, CSV, TSV, TXT, PDF or EML, by content',
        },
      },
      raw: {
        type: MIME_TYPES.eml,
        description: 'An e-mail as it was received. Sender, subject, text and files are taken from it.',
      },
    },
    responses: {
      201: { description: 'Stored', headers: { Location: 'Path of the order' }, schema: shown.received },
    },
    errors: [400, 409, 413, 415],
    handler: (call) => receive(options, call),
  });
}

async function receive(options: OrderInboxOptions, call: Call<unknown, GivenOrder | undefined>) {
  const { prefix, artifacts, orders, edge } = options;
  const orderId = call.id('order');
  const ids = { eventId: call.id('event'), correlationId: call.correlationId };
  try {
    const { given, attachments } = call.body
      ? { given: call.body, attachments: await storeForm(options, orderId, call.body, call) }
      : await storeMessage(options, orderId, call.files[0] as StoredUpload);
    const payload = inboxEvent(orderId, given, attachments, new Date().toISOString());
    await edge.submit(edge.envelope('ORDER.INBOX_RECEIVED', payload, ids));
  } catch (error) {
    // What may be taken later, or has been taken by an earlier request of the same key, needs its files.
    if (asFault(error).status < 500 && !call.resumed) await artifacts.remove(orderId);
    throw error;
  }
  const order = await orders.order(orderId);
  if (!order) throw new Error(`order ${orderId} was accepted and is not there`);
  return { status: 201, headers: { Location: `${prefix}/orders/${orderId}` }, body: receivedView(order) };
}

/** Stores the files of a form, its text last; all are looked at before the first is stored. */
async function storeForm(
  { artifacts }: OrderInboxOptions,
  orderId: string,
  { body = '' }: GivenOrder,
  { files, id }: Call,
): Promise<NamedFile[]> {
  const named = await Promise.all(files.map((file, index) => nameFile(file, id(`artifact:${index}`), index)));
  for (const [index, { path }] of files.entries()) {
    await artifacts.place(orderId, (named[index] as NamedFile).artifact_id, path);
  }
  if (body.trim() === '') return named;
  const artifact_id = deriveId(orderId, BODY_ARTIFACT, 0);
  await artifacts.write(orderId, artifact_id, Buffer.from(body));
  return [...named, { artifact_id, filename: 'body.txt', mime_type: MIME_TYPES.txt }];
}

/** @throws Fault 415 for what no order comes in, 400 for an empty file */
async function nameFile(
  { path, filename: given, declaredType, sizeBytes }: StoredUpload,
  artifact_id: string,
  index: number,
): Promise<NamedFile> {
  const filename = shownName(given) || `attachment-${index + 1}`;
  const at = (message: string): Violation => ({ path: `/files/${index}`, message: `${filename} ${message}` });
  if (sizeBytes === 0) throw invalid('A file is empty.', [at('is empty')]);
  const recognized = await recognizeFile(path, filename, declaredType);
  if (recognized.type === null) {
    const refused = at(`is of a type that no order comes in: ${recognized.name}`);
    throw new Fault('UNSUPPORTED_MEDIA_TYPE', `${refused.message}.`, { details: { errors: [refused] } });
  }
  // A sender who says something else than what it is is told of by whoever reads the file.
  const said = recognized.mismatch === null ? null : declaredType;
  return { artifact_id, filename, mime_type: said ?? MIME_TYPES[recognized.type] };
}

/** Stores a message. Its attachments are written beside it, where they are found when it is read as an order. */
async function storeMessage(
  { artifacts, reader }: OrderInboxOptions,
  orderId: string,
  { path, sizeBytes }: StoredUpload,
): Promise<{ given: GivenOrder; attachments: NamedFile[] }> {
  if (sizeBytes === 0) throw invalid('There is no message.', [{ path: '', message: 'is empty' }]);
  const artifact_id = deriveId(orderId, MESSAGE_ARTIFACT, 0);
  const message = { artifact_id, filename: 'message.eml', mime_type: MIME_TYPES.eml };
  const directory = await artifacts.makeDirectory(orderId);
  const { from, subject, body } = await reader
    .readMessage({ ...message, declaredType: MIME_TYPES.eml, source: { path }, directory })
    .catch((error) => {
      throw error instanceof TooManyWaiting ? unavailable('Too many files are being read.', error) : error;
    });
  if (from === null || !isEmail(from) || from.length > MAX_EMAIL_CHARS) {
    const said =
      from === null ? 'has no sender' : `has a sender that is no e-mail address: ${from.slice(0, MAX_EMAIL_CHARS)}`;
    throw invalid('The message has no usable From.', [{ path: 'header.From', message: said }]);
  }
  await artifacts.place(orderId, artifact_id, path);
  return { given: { from_email: from, subject, ...(body.trim() !== '' && { body }) }, attachments: [message] };
}
