/** What clients send as orders, and where what they have sent lies. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestPlatform } from '../http/platform.ts';

export const ORDER_CSV = 'sku,description,qty,unit price\nW-100,Widget A,10,2.50\nW-200,Widget B,4,10.00\n';
export const FROM = 'buyer@acme.example';

export interface SentFile {
  name: string;
  content: string | Uint8Array<ArrayBuffer>;
  type?: string;
  field?: string;
}

export function orderForm(fields: Record<string, string> = { from_email: FROM }, files: readonly SentFile[] = []) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const { name, content, type = '', field = 'files' } of files) {
    form.append(field, new Blob([content], { type }), name);
  }
  return form;
}

/** A message with a text and one file. */
export const orderMessage = (from = `Ada Buyer <${FROM}>`, subject = 'Order PO-4711') =>
  [
    ...(from === '' ? [] : [`From: ${from}`]),
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Ship to: 5 Harbour Way',
    '--b',
    'Content-Type: text/csv; name=order.csv',
    'Content-Disposition: attachment; filename=order.csv',
    '',
    ORDER_CSV,
    '--b--',
    '',
  ].join('\r\n');

/** Files and directories of orders, and uploads that nobody has taken over. */
export function storedFiles({ config }: TestPlatform): { incoming: string[]; artifacts: string[] } {
  const under = (name: string) => {
    try {
      return readdirSync(join(config.storage.dir, name), { recursive: true, encoding: 'utf8' });
    } catch {
      return [];
    }
  };
  return { incoming: under('incoming'), artifacts: under('artifacts') };
}
