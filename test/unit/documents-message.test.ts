import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createDocumentReader } from '../../src/documents/document-reader.ts';
import { textOfHtml } from '../../src/documents/html.ts';
import { attached, multipart, text } from '../orders/hostile/messages.ts';

const reader = createDocumentReader({ threads: 1 });
afterAll(() => reader.close());
const artifact_id = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const job = (raw: string | Buffer, directory?: string) => ({
  ...{ artifact_id, filename: 'message.eml', declaredType: 'message/rfc822', directory },
  source: { bytes: new Uint8Array(Buffer.from(raw as string)) },
});
const CSV = attached('order.csv', 'sku,qty\nA-1,5\n', 'text/csv');
const image = (disposition: string) =>
  `Content-Type: image/png; name=logo.png\r\nContent-ID: <logo>\r\nContent-Disposition: ${disposition}\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==`;

describe('a message', () => {
  it('is its sender, subject and body, and what is attached to it', async () => {
    const head =
      'From: =?utf-8?Q?Andr=C3=A9?= <andre@acme.example>\r\nSubject: =?utf-8?B?Q29tbWFuZGUgbsKwNQ==?=\r\nMIME-Version: 1.0\r\n';
    const message = await reader.readMessage(
      job(multipart([text('Bonjour,\r\nvoir pièce jointe.\r\n'), CSV], 'b', head)),
    );
    expect(message).toMatchObject({
      from: 'andre@acme.example',
      subject: 'Commande n°5',
      body: 'Bonjour,\nvoir pièce jointe.',
      documents: [
        {
          filename: 'body.txt',
          parent_id: null,
          mime_type: 'text/plain',
          status: 'parsed',
        },
        {
          filename: 'order.csv',
          parent_id: artifact_id,
          mime_type: 'text/csv',
          status: 'parsed',
        },
      ],
    });
  });

  it('as a file is a document whose attachments follow it', async () => {
    const documents = await reader.read(job(multipart([text('see attachment'), CSV])));
    expect(documents).toMatchObject([
      { artifact_id, parent_id: null, mime_type: 'message/rfc822', content: { kind: 'lines', text: 'see attachment' } },
      { parent_id: artifact_id, filename: 'order.csv', status: 'parsed' },
    ]);
  });

  it('gives what is attached the same ids each time, and stores it under them', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'message-'));
    try {
      const raw = multipart([text('hello'), CSV, attached('a.bin', 'MZ\0\0')]);
      const { documents: first } = await reader.readMessage(job(raw, directory));
      const { documents: second } = await reader.readMessage(job(raw, directory));
      expect(second).toEqual(first);
      expect((await readdir(directory)).sort()).toEqual(first.map((document) => document.artifact_id).sort());
      expect(await readFile(join(directory, first[1]?.artifact_id ?? ''), 'utf8')).toBe('sku,qty\nA-1,5\n');
      // Read by itself, the message has the same attachments.
      const [, ...attachments] = await reader.read(job(raw));
      expect(attachments.map((document) => ({ ...document, content: null }))).toEqual(first.slice(1));
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('in a message is a document with attachments of its own', async () => {
    const inner = `Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n${multipart([text('the order'), CSV], 'inner')}`;
    const [outer, message, csv] = await reader.read(job(multipart([text('forwarded'), inner])));
    expect(outer).toMatchObject({ content: { text: 'forwarded' } });
    expect(message).toMatchObject({
      parent_id: artifact_id,
      filename: 'message-1.eml',
      content: { text: 'the order' },
    });
    expect(csv).toMatchObject({ parent_id: message?.artifact_id, filename: 'order.csv' });
  });

  it('has pictures of its text and signatures skipped, other types unreadable', async () => {
    const signature =
      'Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA';
    const parts = [
      text('hi'),
      image('inline'),
      image('attachment; filename=scan.png'),
      signature,
      attached('a.docx', 'PK\x03\x04'),
    ];
    const { documents } = await reader.readMessage(job(multipart(parts)));
    expect(documents.slice(1).map(({ filename, status, reason }) => [filename, status, reason])).toEqual([
      ['logo.png', 'skipped', 'inline image'],
      ['scan.png', 'unreadable', 'unsupported type'],
      ['smime.p7s', 'skipped', 'signature'],
      ['a.docx', 'unreadable', 'unsupported type'],
    ]);
  });

  it('says when an attachment is not what its type says', async () => {
    const parts = [text('hi'), attached('order.pdf', 'sku;qty\nA;1\n', 'application/pdf')];
    const { documents } = await reader.readMessage(job(multipart(parts)));
    expect(documents[1]).toMatchObject({ status: 'parsed', mime_type: 'text/csv', mismatch: 'a CSV file named .pdf' });
  });

  it.each([
    ['iso-8859-1', Buffer.from('Qté: 5 crayons', 'latin1')],
    ['utf-8', Buffer.from('Qté: 5 crayons')],
    ['utf-16le', Buffer.from('Qté: 5 crayons', 'utf16le')],
  ])('in %s is read', async (charset, bytes) => {
    const head = `From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain; charset=${charset}\r\n\r\n`;
    expect((await reader.readMessage(job(head + bytes.toString('base64')))).body).toBe('Qté: 5 crayons');
  });

  it('without a sender has none', async () => {
    expect((await reader.readMessage(job('Subject: x\r\nMIME-Version: 1.0\r\n\r\nhello'))).from).toBeNull();
  });

  it('prefers its text to its HTML', async () => {
    const html = 'Content-Type: text/html\r\n\r\n<p>from html</p>';
    const alternative = (parts: string[]) => multipart(parts).replace('multipart/mixed', 'multipart/alternative');
    expect((await reader.readMessage(job(alternative([text('from text'), html])))).body).toBe('from text');
    expect((await reader.readMessage(job(alternative([text(' '), html])))).body).toBe('from html');
    expect((await reader.readMessage(job(multipart([html])))).body).toBe('from html');
  });

  it('that exceeds a limit of the thread keeps its head', async () => {
    const impatient = createDocumentReader({ threads: 1, maxMemoryMb: 64, deadlineMs: 60_000 });
    try {
      const big = multipart([text('hello'), attached('a.txt', Buffer.alloc(30 * 1024 * 1024, 'a'))]);
      expect(await impatient.readMessage(job(big))).toMatchObject({
        from: 'buyer@acme.example',
        documents: [{ artifact_id, status: 'unreadable', reason: 'memory limit' }],
      });
    } finally {
      await impatient.close();
    }
  });
});

describe('HTML', () => {
  it.each([
    ['<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['<div>one</div><div>two<br>three</div>', 'one\ntwo\nthree'],
    ['<table><tr><th>sku<th>qty<tr><td>A-1<td>5</table>', 'sku\tqty\nA-1\t5'],
    [
      '<table><tr><td><p>A-1</p></td><td><p>blue<br>pens</p></td><td></td><td>5</td></tr></table>',
      'A-1\tblue pens\t\t5',
    ],
    ['<table><tr><td><p>one</p><table><tr><td>A<td>5</table>two</td></tr></table>', 'one\n\nA\t5\n\ntwo'],
    ['<table><tr><td>menu</td><td>a<br>b<br>c<br>d</td></tr></table>', 'menu\na\nb\nc\nd'],
    ['a<td>b</td><tr>c</tr>', 'a\nb\nc'],
    ['<b>5</b>  <i>chairs</i>&nbsp;&amp; &lt;20&gt; pens', '5 chairs & <20> pens'],
    ['<pre>a  b\n c</pre>', 'a  b\n c'],
    ['<style>p{}</style><script>x</script><title>t</title><!-- c -->text', 'text'],
    ['<ul><li>5 chairs</li><li>2 desks</li></ul>', '5 chairs\n2 desks'],
    ['unclosed <b>text', 'unclosed text'],
  ])('%s is %j as text', (html, expected) => {
    expect(textOfHtml(html)).toEqual({ text: expected, hidden: '' });
  });

  it.each([
    '<p style="display:none">x</p>',
    '<p style="display: none !important">x</p>',
    '<span style="font-size:0">x</span>',
    '<span style="font-size:0.4px">x</span>',
    '<span style="color:#fff">x</span>',
    '<span style="color: rgb(255, 255, 255)">x</span>',
    '<font color="white">x</font>',
    '<p style="visibility:hidden"><b>x</b></p>',
    '<p hidden>x</p>',
    '<p style="opacity:0">x</p>',
    '<td style="background:#004; color:#000044">x</td>',
    '<p style="mso-hide:all">x</p>',
    '<p style="color:transparent">x</p>',
  ])('hides %s', (html) => {
    expect(textOfHtml(`<p>seen</p>${html}`)).toEqual({ text: 'seen', hidden: 'x' });
  });

  it.each([
    '<th style="background-color:#004080;color:#ffffff">x</th>',
    '<table bgcolor="#333"><tr><td><font color="white">x</font></td></tr></table>',
    '<p style="color:#123456">x</p>',
    '<p style="color:var(--c)">x</p>',
    '<p style="font-size:11pt;background:url(a.png) no-repeat">x</p>',
  ])('shows %s', (html) => {
    expect(textOfHtml(html)).toEqual({ text: 'x', hidden: '' });
  });
});
