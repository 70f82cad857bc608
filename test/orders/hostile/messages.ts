// E-mails that are made to do harm.
import { noise } from './archives.ts';
import type { HostileFile } from './corpus.ts';

const HEAD = 'From: buyer@acme.example\r\nTo: orders@us.example\r\nSubject: Order\r\nMIME-Version: 1.0\r\n';

export function multipart(parts: readonly string[], boundary = 'b', head = HEAD): string {
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return `${head}Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
}
export const text = (content: string): string => `Content-Type: text/plain; charset=utf-8\r\n\r\n${content}`;
export const attached = (filename: string, content: Buffer | string, type = 'application/octet-stream'): string =>
  `Content-Type: ${type}; name="${filename}"\r\nContent-Disposition: attachment; filename="${filename}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content as string).toString('base64')}`;

/** A message in a message in a message. */
export function nested(levels: number): string {
  const inner = levels === 1 ? '' : `Content-Type: message/rfc822\r\n\r\n${nested(levels - 1)}`;
  return multipart([text(`level ${levels}`), ...(inner === '' ? [] : [inner])], `b${levels}`);
}

export const MESSAGES: readonly HostileFile[] = [
  {
    name: '10,000 parts',
    filename: 'order.eml',
    bytes: () => Buffer.from(multipart(Array.from({ length: 10_000 }, (_, i) => text(`part ${i}`)))),
    expected: { status: 'unreadable', reason: 'part count' },
  },
  {
    name: 'multiparts in each other, 5,000 of them',
    filename: 'order.eml',
    bytes: () => {
      const opened = Array.from(
        { length: 5000 },
        (_, i) => `--b${i}\r\nContent-Type: multipart/mixed; boundary=b${i + 1}\r\n\r\n`,
      );
      return Buffer.from(`${HEAD}Content-Type: multipart/mixed; boundary=b0\r\n\r\n${opened.join('')}`);
    },
    expected: { status: 'unreadable', reason: 'part count' },
  },
  {
    name: 'messages in each other, 30 of them',
    filename: 'order.eml',
    bytes: () => Buffer.from(nested(30)),
    expected: { status: 'parsed', reason: null, texts: ['level 30'] },
  },
  {
    name: 'a header of a megabyte',
    filename: 'order.eml',
    bytes: () => Buffer.from(`${HEAD}X-Long: ${'a'.repeat(1024 * 1024)}\r\n\r\nSend 5 chairs.`),
    expected: { status: 'unreadable', reason: 'corrupt' },
  },
  {
    name: 'broken base64 and an unknown charset',
    filename: 'order.eml',
    bytes: () =>
      Buffer.from(
        multipart([
          'Content-Type: text/plain; charset=x-klingon\r\n\r\nSend 5 chairs.',
          'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!not=base64====%%%',
        ]),
      ),
    expected: { status: 'parsed', reason: null, texts: ['Send 5 chairs.'] },
  },
  {
    name: 'nothing but headers',
    filename: 'order.eml',
    bytes: () => Buffer.from(HEAD),
    expected: { status: 'parsed', reason: null, texts: [''] },
  },
  {
    name: 'noise after its headers',
    filename: 'order.eml',
    bytes: () => Buffer.concat([Buffer.from(`${HEAD}Content-Transfer-Encoding: binary\r\n\r\n`), noise(1000)]),
    expected: { status: 'unreadable', reason: 'unsupported type' },
  },
  {
    name: 'HTML of tags that are never closed',
    filename: 'order.eml',
    bytes: () => Buffer.from(`${HEAD}Content-Type: text/html\r\n\r\n${'<div><b '.repeat(200_000)}`),
    expected: { status: 'unreadable', reason: 'nesting depth' },
  },
];
