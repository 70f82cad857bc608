// Text files that are made to do harm: floods of one thing, and sizes at the limit.
import { filled, type HostileFile, lines, MAX_BYTES } from './hostile-file.ts';

const csv = (name: string, bytes: () => Buffer, expected: HostileFile['expected'] = 'any'): HostileFile => ({
  ...{ name, filename: 'a.csv', bytes, expected },
});
const flood = (name: string, piece: string, head = 'Task,Hours\n'): HostileFile =>
  csv(`10 MB of ${name}`, () => filled(piece, head));

export const TEXTS: readonly HostileFile[] = [
  flood('quotes', '"'),
  flood('quotes without a header', '"', ''),
  flood('commas', ','),
  flood('all delimiters in turn', ',;\t|'),
  flood('line feeds', '\n'),
  flood('carriage returns', '\r'),
  flood('spaces', ' '),
  flood('digits', '7'),
  flood('colons', ':'),
  flood('lines of one letter', 'a\n'),
  flood('cells of a quote', '"a"b,"'),
  flood('rows of five million empty cells', ',,,,,,,,,\n'),
  flood('no-break spaces', '\u00a0'),
  flood('zero-width spaces in cells', '\u200b,'),
  csv('2,000 columns and 5,000 rows', () =>
    lines(
      2_500,
      () => Array(2_000).fill('1').join(','),
      ['Task', 'Hours', ...Array.from({ length: 1_998 }, (_, i) => `c${i}`)].join(','),
    ),
  ),
  csv('2,000 columns of days', () =>
    lines(
      2_000,
      (i) => `Task ${i}${',1'.repeat(1_999)}`,
      `Task${Array.from({ length: 1_999 }, (_, i) => `,${(i % 28) + 1}.${(i % 12) + 1}.2026`).join('')}`,
    ),
  ),
  csv('100,000 rows of 20 columns', () =>
    lines(
      100_000,
      (i) => `Task ${i % 997},1:30,2026-01-${10 + (i % 20)}${',abc'.repeat(17)}`,
      `Task,Hours,Date${Array.from({ length: 17 }, (_, i) => `,c${i}`).join('')}`,
    ),
  ),
  csv('100,000 different texts and a case', () =>
    lines(
      100_000,
      (i) =>
        `Repair thing${i} for customer${i * 7},0:15,P${i % 40},C-${i % 900},2026-02-0${1 + (i % 9)} 08:${10 + (i % 50)}`,
      'Task,Duration,Person,Case ID,Started at',
    ),
  ),
  csv('100,000 negative durations', () => lines(100_000, (i) => `Same task,${i % 2 ? '-1' : '1.5'}`)),
  csv('100,000 totals', () => lines(100_000, (i) => (i % 2 ? 'Total,1' : `Task ${i},1`))),
  csv('100,000 equal rows', () => lines(100_000, () => 'Same task,1')),
  csv('100,000 unreadable durations', () => lines(100_000, (i) => `Task ${i},x${i}y`)),
  csv('200,000 rows', () => lines(200_000, () => 'Task,1'), {
    ...{ status: 400, path: 'file:111001:1', message: /more than 100000 rows/ },
  }),
  csv('a cell of 10 MB', () =>
    Buffer.concat([Buffer.from('Task,Hours\nA,1\n"'), Buffer.alloc(MAX_BYTES - 99, 'x'), Buffer.from('",2\n')]),
  ),
  csv('a duration of 10 MB', () =>
    Buffer.concat([Buffer.from('Task,Hours\nA,1\nB,'), Buffer.alloc(MAX_BYTES - 99, '1 ')]),
  ),
  csv('a header cell of 10 MB', () =>
    Buffer.concat([Buffer.from('Task,'), Buffer.alloc(MAX_BYTES - 99, 'hours '), Buffer.from('\nA,1\n')]),
  ),
  csv('a header of 2,000 equal names', () =>
    lines(50, () => `A${',1'.repeat(1_999)}`, `Task${',Hours'.repeat(1_999)}`),
  ),
  csv('a header of 2,000 names of 5,000 letters', () =>
    lines(
      3,
      () => `A${',1'.repeat(1_999)}`,
      `Task${Array.from({ length: 1_999 }, (_, i) => `,${'hours spent '.repeat(400)}${i}`).join('')}`,
    ),
  ),
  csv('a header of JavaScript names', () =>
    lines(2, () => 'A,1,2,3,4,5', 'Task,Hours,__proto__,constructor,toString,hasOwnProperty'),
  ),
  csv('texts and categories of JavaScript names', () =>
    Buffer.from('Task,Category,Person,Hours\n__proto__,constructor,toString,1\nconstructor,__proto__,valueOf,2\n'),
  ),
  csv('header names right to left, of no width and of signs', () =>
    Buffer.from('\u202eTask,\u200bHours\u200d,👩‍👩‍👧,\ud83d\ufe0f\nA,1,2,3\nB,2,3,4\n'),
  ),
  csv('numbers beyond all numbers', () =>
    Buffer.from(
      `Task,Hours\n${['1e308', '-0', 'Infinity', 'NaN', '9'.repeat(400), '1e-320', '0x10', '-1e308', '1e999'].map((n, i) => `Task ${i},${n}`).join('\n')}\n`,
    ),
  ),
  csv('dates at the ends of time', () =>
    Buffer.from(
      `Task,Start,End\n${['0001-01-01 00:00', '9999-12-31 23:59', '-271821-04-20 00:00', '275760-09-13 00:00', '0000-00-00 00:00', '99999999999999 10:00'].map((d, i) => `Task ${i},${d},${d}`).join('\n')}\nB,0001-01-01 00:00,9999-12-31 23:59\n`,
    ),
  ),
  csv('nothing but a byte order mark', () => Buffer.from([0xef, 0xbb, 0xbf])),
  csv('a mark of UTF-16 before bytes of UTF-8', () =>
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Task,Hours\nA,1\nB,2\n')]),
  ),
  csv('a mark of UTF-8 before bytes of UTF-16', () =>
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('Task,Hours\nA,1\nB,2\n', 'utf16le')]),
  ),
  csv('half of UTF-16', () => Buffer.concat([Buffer.from('\ufeffTask,Hours\nA,1\n', 'utf16le'), Buffer.from([0xd8])])),
  csv('lone surrogates', () =>
    Buffer.from(`\ufeffTask,Hours\n${'\ud800'.repeat(2_000_000)},1\n\udc00B,2\n`, 'utf16le'),
  ),
  csv('NULs', () => Buffer.alloc(MAX_BYTES)),
  csv('a NUL at the end', () => filled('Task,1\n', 'Task,Hours\n', 1_000_000).fill(0, 999_000)),
  csv('bytes of no encoding', () => {
    const bytes = Buffer.alloc(MAX_BYTES);
    for (let i = 0, state = 1; i < bytes.length; i += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[i] = 0x80 | (state >>> 24);
    }
    return bytes;
  }),
  csv('10 MB of Japanese that nobody declares', () => {
    const piece = Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x0a]);
    return Buffer.concat([Buffer.from('Task,Hours\n'), Buffer.alloc(MAX_BYTES - 99, piece)]);
  }),
];
