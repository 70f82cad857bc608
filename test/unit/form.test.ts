/** Forms as they arrive, in whatever pieces; a real directory for their files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { receiveForm } from '../../src/http/form.ts';
import { IncomingFiles } from '../../src/http/incoming-files.ts';

let directory: string;
let incoming: IncomingFiles;
beforeAll(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'form-')), 'incoming');
  incoming = new IncomingFiles(directory);
});
afterAll(() => rmSync(join(directory, '..'), { recursive: true, force: true }));

const ALLOWED = { field: 'files', filesMax: 3, partsMax: 6 };
const LIMITS = { textBytes: 1_000, fileBytes: 5_000 };

interface SentPart {
  header?: string;
  name?: string;
  filename?: string;
  type?: string;
  content: string;
}

const partText = ({ header, name = 'a', filename, type, content }: SentPart) => {
  const file = filename === undefined ? '' : `; filename="${filename}"`;
  const lines =
    header ?? `Content-Disposition: form-data; name="${name}"${file}${type ? `\r\nContent-Type: ${type}` : ''}`;
  return `--x\r\n${lines}\r\n\r\n${content}\r\n`;
};
const formText = (...parts: SentPart[]) => `${parts.map(partText).join('')}--x--\r\n`;

async function* inPieces(text: string, sizes: readonly number[]) {
  const bytes = Buffer.from(text, 'latin1');
  let turn = 0;
  for (let at = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const receive = (text: string, sizes: readonly number[] = [1_000_000]) =>
  receiveForm(inPieces(text, sizes), 'x', ALLOWED, LIMITS, incoming);

const left = () => readdirSync(directory, { recursive: true });

async function refusal(text: string, sizes?: readonly number[]): Promise<[number, string, string]> {
  const fault = await receive(text, sizes).then(
    () => undefined,
    (error) => error,
  );
  if (!(fault instanceof Fault)) throw new Error(`not refused: ${fault}`);
  const [first] = (fault.details as { errors: { path: string; message: string }[] }).errors;
  return [fault.status, first?.path ?? '', first?.message ?? ''];
}

async function shownOf(text: string, sizes?: readonly number[]) {
  const form = await receive(text, sizes);
  const files = form.files.map(({ path, ...file }) => ({ ...file, content: readFileSync(path, 'latin1') }));
  const modes = form.files.map(({ path }) => (statSync(path).mode & 0o777).toString(8));
  await incoming.discard(form.files);
  return { fields: Object.fromEntries(form.fields), files, modes, fingerprint: form.fingerprint };
}

test('files larger than what a stream holds arrive in any pieces', async () => {
  const limits = { textBytes: 1_000, fileBytes: 1_000_000 };
  const pieces = [16_384, 65_536, 1_000_000];
  const lengths = [10, 16_384, 30_000, 65_535, 65_536, 66_000, 122_000, 200_000, 262_144];
  for (const size of pieces) {
    for (const length of lengths) {
      for (const others of [[], [3], [70_000], [70_000, 3]]) {
        const contents = [length, ...others].map((bytes) => 'a'.repeat(bytes));
        const text = formText(...contents.map((content, n) => ({ name: 'files', filename: `${n}.csv`, content })));
        const form = await receiveForm(inPieces(text, [size]), 'x', ALLOWED, limits, incoming);
        expect(form.files.map(({ sizeBytes }) => sizeBytes)).toEqual([length, ...others]);
        await incoming.discard(form.files);
      }
    }
  }
}, 20_000);

const FORM = formText(
  { name: 'from', content: 'b\xc3\xa9a@acme.example' },
  { name: 'files', filename: 'na\xc3\xafve.csv', type: 'text/csv; charset=utf-8', content: 'sku,qty\r\n--y\r\nA,1' },
  { name: 'files', filename: '../../etc/passwd', content: '' },
  { name: 'note', content: '' },
);

describe('a form', () => {
  test('gives its fields, and its files on disk for nobody else to read', async () => {
    const { fields, files, modes } = await shownOf(FORM);
    expect(fields).toEqual({ from: 'béa@acme.example', note: '' });
    expect(files).toMatchObject([
      {
        field: 'files',
        filename: 'naïve.csv',
        declaredType: 'text/csv',
        content: 'sku,qty\r\n--y\r\nA,1',
        sizeBytes: 17,
      },
      { field: 'files', filename: '../../etc/passwd', declaredType: null, content: '', sizeBytes: 0 },
    ]);
    expect(files[1]?.sha256).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(modes).toEqual(['600', '600']);
    expect((statSync(directory).mode & 0o777).toString(8)).toBe('700');
    expect(left()).toEqual([]);
  });

  test('is the same in whatever pieces it comes', async () => {
    const whole = await shownOf(FORM);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
        expect(await shownOf(FORM, sizes)).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  test('is 400, and leaves nothing, wherever it is cut off', async () => {
    const end = FORM.lastIndexOf('--x--') + '--x--'.length;
    await fc.assert(
      fc.asyncProperty(fc.nat(end - 1), fc.integer({ min: 1, max: 300 }), async (length, size) => {
        const [status] = await refusal(FORM.slice(0, length), [size]);
        expect([length, status]).toEqual([length, 400]);
        expect(left()).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('may have something before and after it', async () => {
    const { fields } = await shownOf(`preamble\r\n${formText({ content: '1' })}epilogue ${'.'.repeat(500)}`, [7]);
    expect(fields).toEqual({ a: '1' });
  });

  test('may be empty', async () => {
    expect(await shownOf('--x--\r\n')).toMatchObject({ fields: {}, files: [] });
    // What a browser sends for an empty file input.
    const empty = formText({ name: 'files', filename: '', type: 'application/octet-stream', content: '' });
    expect(await shownOf(empty)).toMatchObject({ fields: {}, files: [] });
  });

  test('has a fingerprint of its names and contents alone', async () => {
    const file = { name: 'files', filename: 'a.csv', content: 'x' };
    const { fingerprint } = await shownOf(formText(file));
    expect((await shownOf(formText(file), [3])).fingerprint).toBe(fingerprint);
    for (const other of [
      { ...file, filename: 'b.csv' },
      { ...file, content: 'y' },
      { ...file, type: 'text/csv' },
    ]) {
      expect((await shownOf(formText(other))).fingerprint).not.toBe(fingerprint);
    }
    expect((await shownOf(formText({ name: 'a', content: 'x' }))).fingerprint).not.toBe(fingerprint);
  });

  test('may be in another encoding, if it says so', async () => {
    const header = 'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=iso-8859-1';
    expect((await shownOf(formText({ header, content: 'caf\xe9' }))).fields).toEqual({ a: 'café' });
    const unknown = header.replace('iso-8859-1', 'ebcdic');
    expect(await refusal(formText({ header: unknown, content: 'x' }))).toEqual([
      400,
      '/a',
      'has the field a in another encoding than ebcdic',
    ]);
  });
});

test('of files that a killed process has left, those older than a day are removed', async () => {
  const [old, recent] = [join(directory, 'old'), join(directory, 'recent')];
  for (const path of [old, recent]) writeFileSync(path, 'x');
  const nowMs = Date.now();
  utimesSync(old, nowMs / 1000, nowMs / 1000 - 25 * 60 * 60);
  expect(await incoming.sweep(nowMs)).toBe(1);
  expect(left()).toEqual(['recent']);
  await incoming.discard([{ path: recent }]);
  expect(await new IncomingFiles(join(directory, 'nowhere')).sweep(nowMs)).toBe(0);
});

test.each([
  ['naïve "file".csv', `form-data; name="files"; filename="na\xc3\xafve %22file%22.csv"`],
  ['a "b" c.csv', `form-data; name="files"; filename="a \\"b\\" c.csv"`],
  ['C:\\orders\\a.csv', `form-data; name="files"; filename="C:\\orders\\a.csv"`],
  ['€ rates.csv', `form-data; name="files"; filename="EUR.csv"; filename*=UTF-8''%e2%82%ac%20rates.csv`],
  ['EUR.csv', `form-data; name="files"; filename*=UTF-8''%ff; filename="EUR.csv"`],
  ['a;b=c.csv', `form-data; filename="a;b=c.csv"; name="files"`],
  ['a.csv', `FORM-DATA; Name=files; FileName=a.csv`],
])('a file is called %s as browsers, curl and libraries write it', async (filename, disposition) => {
  const { files } = await shownOf(formText({ header: `content-disposition: ${disposition}`, content: 'x' }));
  expect(files).toMatchObject([{ filename }]);
});

describe('a form is refused, and nothing of it left,', () => {
  const large = { name: 'files', filename: 'large.csv', content: 'x'.repeat(5_001) };
  const file = { name: 'files', filename: 'a.csv', content: 'x' };
  const disposition = (rest: string) => ({ header: `Content-Disposition: ${rest}`, content: 'x' });
  test.each<[string, string, [number, string, string]]>([
    ['for a large file', formText(file, large), [413, '/files/1', 'is larger than 5000 bytes']],
    [
      'for a file too many',
      formText(file, file, file, file),
      [413, '/files/3', 'is one file too many: there may be 3'],
    ],
    [
      'for too much text',
      formText({ content: 'x'.repeat(600) }, file, { name: 'b', content: 'x'.repeat(600) }),
      [413, '/b', 'makes the text fields larger than 1000 bytes'],
    ],
    [
      'for too many parts',
      formText(file, ...Array.from({ length: 6 }, (_, n) => ({ name: `f${n}`, content: '' }))),
      [413, '', 'has more than 6 parts'],
    ],
    ['for a field twice', formText(file, { content: '1' }, { content: '1' }), [400, '/a', 'has the field a twice']],
    [
      'for text instead of a file',
      formText({ name: 'files', content: 'x' }),
      [400, '/files', 'has text in the field files, expected a file'],
    ],
    [
      'for a file in another field',
      formText(file, { ...file, name: 'upload' }),
      [400, '/upload', 'has a file in the field upload, expected files'],
    ],
    [
      'for text that is no UTF-8',
      formText(file, { content: '\xff' }),
      [400, '/a', 'has the field a in another encoding than utf-8'],
    ],
    [
      'for a part that is none of a form',
      formText(file, disposition('attachment; filename=a.csv')),
      [400, '', 'has a part without Content-Disposition: form-data'],
    ],
    [
      'for a part without a name',
      formText(file, disposition('form-data; filename=a.csv')),
      [400, '', 'has a part without a name'],
    ],
    [
      'for a part without a header',
      `--x\r\n\r\nx\r\n--x--\r\n`,
      [400, '', 'has a part without Content-Disposition: form-data'],
    ],
    [
      'for a header that does not end',
      `${partText(file)}--x\r\nContent-Disposition: form-data; name="a"\r\n--x--\r\n`,
      [400, '', 'has a part whose header does not end'],
    ],
    [
      'for a part in base64',
      formText({
        header: 'Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64',
        content: 'eA==',
      }),
      [400, '', 'has a part in the encoding base64'],
    ],
    [
      'for a long header',
      formText({ header: `Content-Disposition: form-data; name=a; filename="${'y'.repeat(9_000)}"`, content: 'x' }),
      [400, '', 'has a part with a header of more than 8192 bytes'],
    ],
    ['for no boundary in it', 'nothing of the kind', [400, '', 'ends before its last boundary']],
  ])('%s', async (_, text, expected) => {
    for (const sizes of [[1_000_000], [50], [3]]) expect(await refusal(text, sizes)).toEqual(expected);
    expect(left()).toEqual([]);
  });

  test('when it breaks off', async () => {
    const broken = async function* () {
      yield Buffer.from(partText(file));
      throw new Error('the connection was closed');
    };
    await expect(receiveForm(broken(), 'x', ALLOWED, LIMITS, incoming)).rejects.toThrow('the connection was closed');
    expect(left()).toEqual([]);
  });
});
