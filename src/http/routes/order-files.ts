/**
 * The files that an order came with.
 *
 * Owns: handing them out as they were received, never to be shown in place, and as plain data for whoever checks an order
 * against them. They are there until their retention is over.
 */
import { Readable } from 'node:stream';
import type { OrderAttachment } from '../../../machines/orders/order-state.ts';
import type { DocumentReader } from '../../documents/document-reader.ts';
import type { PreviewQuery } from '../../documents/preview.ts';
import { TooManyWaiting } from '../../documents/reading-threads.ts';
import type { Artifacts } from '../../store/artifacts.ts';
import type { Orders } from '../../store/orders.ts';
import { attachmentHeader } from '../content-disposition.ts';
import { notFound, unavailable } from '../errors.ts';
import * as shown from '../order-shapes.ts';
import { type OwnLimit, type Route, route } from '../route.ts';

export interface OrderFilesOptions {
  prefix: string;
  ownLimit: OwnLimit;
  orders: Orders;
  artifacts: Artifacts;
  reader: DocumentReader;
}

const position = { type: 'integer', minimum: 1, maximum: 1_000_000 };

export function orderFileRoutes({ prefix, ownLimit, orders, artifacts, reader }: OrderFilesOptions): Route[] {
  const path = `${prefix}/orders/:id/attachments/:artifact`;
  const common = { method: 'GET', access: 'orders:read', ownLimit, tag: 'Orders' } as const;
  return [
    route({
      ...common,
      path,
      summary: 'A file of an order, as it was received',
      responses: {
        200: {
          description: 'The bytes',
          contentType: '*/*',
          headers: { 'Content-Disposition': 'Always `attachment`', 'Content-Security-Policy': '`sandbox`' },
        },
      },
      errors: [404],
      async handler({ request, params: { id = '', artifact = '' } }) {
        const { filename, mime_type } = await fileOf(orders, id, artifact);
        const opened = await artifacts.open(id, artifact);
        if (!opened) throw gone(filename);
        const headers = {
          'Content-Type': mediaType(mime_type),
          'Content-Length': String(opened.sizeBytes),
          'Content-Disposition': attachmentHeader(filename),
          'Content-Security-Policy': 'sandbox',
        };
        if (request.method === 'HEAD') {
          opened.stream.destroy();
          return new Response(null, { headers });
        }
        return new Response(Readable.toWeb(opened.stream) as ReadableStream, { headers });
      },
    }),
    route<PreviewQuery>({
      ...common,
      path: `${path}/preview`,
      summary: 'What stands in a file of an order, with the places that fields refer to',
      query: {
        sheet: { description: 'Name of a sheet, the first by default.', schema: { type: 'string', maxLength: 255 } },
        page: { description: 'Page, 1 by default.', schema: position },
        from: { description: 'First row or line, 1 by default; 500 at most are shown.', schema: position },
      },
      responses: { 200: { description: 'A part of it', schema: shown.preview } },
      errors: [400, 404],
      async handler({ query, params: { id = '', artifact = '' } }) {
        const file = await fileOf(orders, id, artifact);
        if (file.status !== null && file.status !== 'parsed') throw notFound(unreadable(file));
        const body = await previewFile({ artifacts, reader }, id, file, query);
        if (!body) throw notFound(partOf(file.filename, query));
        return { status: 200, body };
      },
    }),
  ];
}

/** The file as the order knows it. @throws Fault 404 */
async function fileOf(orders: Orders, orderId: string, artifactId: string): Promise<OrderAttachment> {
  const order = await orders.order(orderId);
  if (!order) throw notFound(`Order ${orderId}`);
  const found = order.parts.attachments?.find(({ artifact_id }) => artifact_id === artifactId);
  if (!found) throw notFound(`Attachment ${artifactId}`);
  return found;
}

async function previewFile(
  { artifacts, reader }: Pick<OrderFilesOptions, 'artifacts' | 'reader'>,
  orderId: string,
  { artifact_id, filename, mime_type }: OrderAttachment,
  query: PreviewQuery,
) {
  if (!(await artifacts.has(orderId, artifact_id))) throw gone(filename);
  const source = { path: artifacts.pathOf(orderId, artifact_id) };
  try {
    return await reader.preview({ artifact_id, filename, declaredType: mime_type, source }, query);
  } catch (error) {
    if (error instanceof TooManyWaiting) throw unavailable('Too many files are being read.', error);
    throw error;
  }
}

const gone = (filename: string) => notFound(`${filename}, which is kept no longer,`);

const unreadable = ({ filename, status, reason }: OrderAttachment) =>
  `A preview of ${filename} (${status}${reason === null ? '' : `: ${reason}`})`;

function partOf(filename: string, { sheet, page }: PreviewQuery): string {
  if (sheet !== undefined) return `Sheet ${JSON.stringify(sheet)} of ${filename}`;
  return page === undefined ? `A preview of ${filename}` : `Page ${page} of ${filename}`;
}

/** What a header may hold. */
const mediaType = (given: string): string =>
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(given) ? given : 'application/octet-stream';
