// Texts that are made to do harm.
import type { HostileFile } from './corpus.ts';

const lines = (count: number, line: string) => Buffer.from(`${line}\n`.repeat(count));

export const TEXTS: readonly HostileFile[] = [
  {
    name: 'a million columns',
    filename: 'order.csv',
    bytes: () => Buffer.from(`sku,qty${','.repeat(1_000_000)}\nA,1\n`),
    expected: { status: 'unreadable', reason: 'column count' },
  },
  {
    name: 'a million rows',
    filename: 'order.csv',
    bytes: () => lines(1_000_000, 'A,1'),
    expected: { status: 'unreadable', reason: 'row count' },
  },
  {
    name: 'a cell of a million characters',
    filename: 'order.csv',
    bytes: () => Buffer.from(`sku,qty\n"${'A'.repeat(1_000_000)}",1\n`),
    expected: { status: 'unreadable', reason: 'cell length' },
  },
  {
    name: 'a quote that is never closed',
    filename: 'order.csv',
    bytes: () => Buffer.from(`sku,qty\n"A,1\n${'B,2\n'.repeat(100_000)}`),
    expected: { status: 'unreadable', reason: 'corrupt' },
  },
  {
    name: 'a binary file named .csv',
    filename: 'order.csv',
    bytes: () => Buffer.from('sku,qty\0\x01\x02\nA,1', 'latin1'),
    expected: { status: 'unreadable', reason: 'unsupported type' },
  },
  {
    name: 'a NUL far into a text',
    filename: 'order.txt',
    bytes: () => Buffer.concat([lines(4000, 'A text of an order, line by line.'), Buffer.from('\0')]),
    expected: { status: 'unreadable', reason: 'unsupported type' },
  },
  {
    name: '5,001 lines',
    filename: 'order.txt',
    bytes: () => lines(5001, 'x'),
    expected: { status: 'unreadable', reason: 'line count' },
  },
  {
    name: 'an empty file',
    filename: 'order.csv',
    bytes: () => Buffer.alloc(0),
    expected: { status: 'parsed', reason: null, texts: [] },
  },
  {
    name: 'cells that would be formulas elsewhere',
    filename: 'order.csv',
    bytes: () => Buffer.from('sku,qty\n=HYPERLINK("http://x.example"),+1\n@SUM(1),-2\n'),
    expected: {
      status: 'parsed',
      reason: null,
      texts: ['sku', 'qty', '=HYPERLINK("http://x.example")', '+1', '@SUM(1)', '-2'],
    },
  },
  {
    name: 'a page of HTML named .xls',
    filename: 'order.xls',
    bytes: () => Buffer.from('<html><script>alert(1)</script><table><tr><td>A</td></tr></table></html>'),
    expected: { status: 'unreadable', reason: 'unsupported type' },
  },
  {
    name: 'a program',
    filename: 'order.pdf',
    bytes: () => Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0PE\0\0', 'latin1'),
    expected: { status: 'unreadable', reason: 'unsupported type' },
  },
];
