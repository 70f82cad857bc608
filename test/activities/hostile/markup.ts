// HTML and JSON that is made to do harm.
import { filled, type HostileFile, lines, MAX_BYTES } from './hostile-file.ts';

const page = (name: string, bytes: () => Buffer, expected: HostileFile['expected'] = 'any'): HostileFile => ({
  ...{ name, filename: 'a.xls', bytes, expected },
});
const json = (name: string, bytes: () => Buffer, expected: HostileFile['expected'] = 'any'): HostileFile => ({
  ...{ name, filename: 'a.json', bytes, expected },
});
const HEAD = '<table><tr><th>Task</th><th>Hours</th></tr>';
const ROW = '<tr><td>A</td><td>1</td></tr>';

export const MARKUP: readonly HostileFile[] = [
  page('100,000 elements in each other', () => filled('<div>', `${HEAD}${ROW}<tr><td>`, 500_000), {
    ...{ status: 400, path: 'file', message: /1000 elements/ },
  }),
  page('tables in each other', () => filled('<table><tr><td>', '', 500_000), {
    status: 400,
    path: 'file',
    message: /20 tables/,
  }),
  page('10 MB of cells', () => filled('<td>', HEAD)),
  page('10 MB of rows of one cell', () => filled('<tr><td>x', HEAD)),
  page('10 MB of tables of two rows', () => filled('<table><tr><td>a<tr><td>b</table>')),
  page('a cell that spans a billion columns and rows', () =>
    Buffer.from(`${HEAD}<tr><td colspan=1000000000 rowspan=1000000000>A</td><td>1</td></tr>${ROW}`),
  ),
  page('100,000 cells that span all columns', () => filled('<tr><td colspan=2000>', HEAD), {
    ...{ status: 413, message: /too many cells/ },
  }),
  page('100,000 cells that span all rows', () => filled('<tr><td rowspan=65534>x<td>1', HEAD)),
  page('a title of two million entities', () =>
    Buffer.concat([
      Buffer.from('<html><head><title>'),
      Buffer.alloc(MAX_BYTES - 999, '&lt;'),
      Buffer.from(`</title></head>${HEAD}${ROW}</table></html>`),
    ]),
  ),
  page('a caption of two million entities', () =>
    Buffer.concat([
      Buffer.from('<table><caption>'),
      Buffer.alloc(MAX_BYTES - 999, '&lt;'),
      Buffer.from(`</caption>${HEAD.slice(7)}${ROW}</table>`),
    ]),
  ),
  page('a cell of two million entities', () =>
    Buffer.concat([
      Buffer.from(`${HEAD}<tr><td>`),
      Buffer.alloc(MAX_BYTES - 999, '&lt;'),
      Buffer.from('</td><td>1</td></tr></table>'),
    ]),
  ),
  page('an element of a million attributes', () =>
    Buffer.concat([
      Buffer.from('<table '),
      Buffer.alloc(MAX_BYTES - 999, 'a=1 b '),
      Buffer.from(`>${HEAD.slice(7)}${ROW}</table>`),
    ]),
  ),
  page('a style of 10 MB', () =>
    Buffer.concat([
      Buffer.from('<table><tr style="'),
      Buffer.alloc(MAX_BYTES - 999, 'display:x;'),
      Buffer.from(`"><th>Task</th><th>Hours</th></tr>${ROW}</table>`),
    ]),
  ),
  page('10 MB of comments that begin', () => filled('<!--', `${HEAD}${ROW}`)),
  page('10 MB of declarations', () => filled('<![CDATA[', `${HEAD}${ROW}`)),
  page('10 MB of closing tags', () => filled('</p>', `${HEAD}${ROW}<tr><td>`)),
  json('lists in each other', () => filled('['), {
    status: 400,
    path: 'file:1:1',
    message: /100 values in each other/,
  }),
  json('objects in each other', () => filled('{"a":'), {
    status: 400,
    path: 'file:1:1',
    message: /100 values in each other/,
  }),
  json('three million empty objects', () => filled('{},', '[')),
  json('a million objects', () => Buffer.concat([filled('{"a":1},', '['), Buffer.from('{}]')])),
  json('objects of a key of their own each', () =>
    Buffer.from(`[${Array.from({ length: 500_000 }, (_, i) => `{"k${i}":1}`).join(',')}]`),
  ),
  json('an object of 600,000 keys', () =>
    Buffer.from(`[{${Array.from({ length: 600_000 }, (_, i) => `"k${i}":1`).join(',')}}]`),
  ),
  json('a number of 10 MB', () =>
    Buffer.concat([Buffer.from('[{"Task":"A","Hours":'), Buffer.alloc(MAX_BYTES - 999, '1'), Buffer.from('}]')]),
  ),
  json('a text of 10 MB of escapes', () =>
    Buffer.concat([
      Buffer.from('[{"Hours":1,"Task":"'),
      Buffer.alloc(MAX_BYTES - 1_003, '\\u0041'),
      Buffer.from('"}]'),
    ]),
  ),
  json('numbers beyond all numbers', () =>
    Buffer.from(
      '[{"Task":"A","Hours":1e308},{"Task":"B","Hours":-0},{"Task":"C","Hours":1e999},{"Task":"D","Hours":-1e999},{"Task":"E","Hours":1}]',
    ),
  ),
  json('keys of JavaScript', () =>
    Buffer.from(
      '[{"__proto__":{"Task":"evil","Hours":9},"constructor":"x","Task":"A","Hours":1},{"__proto__":null,"toString":1,"Task":"B","Hours":2}]',
    ),
  ),
  json('keys that are given twice', () => Buffer.from('[{"Task":"A","Hours":1,"Hours":2},{"Task":"B","Hours":2}]')),
  json('lone surrogates', () => Buffer.from('[{"Task":"A\\ud800","Hours":1},{"Task":"\\udc00B\\u0000","Hours":2}]')),
  { ...json('a million lines of objects', () => filled('{"a":1}\n')), filename: 'a.jsonl' },
  {
    ...json('lines of which the last is no JSON', () =>
      lines(100_000, (i) => (i === 99_999 ? '{"Task":' : '{"Task":"A","Hours":1}'), '{"Task":"A","Hours":1}'),
    ),
    filename: 'a.jsonl',
    expected: { status: 400, path: 'file:100001:1', message: /line 100001/ },
  },
];
