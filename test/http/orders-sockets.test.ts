/** Uploads over real sockets: those that are too large, too slow, or that nobody is there for any more. */
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Served, serveApp } from '../../src/http/serve.ts';
import { eventually } from '../support/eventually.ts';
import { FROM, ORDER_CSV, orderForm, orderMessage, storedFiles } from '../support/orders.ts';
import { startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
let served: Served;
beforeAll(async () => {
  platform = await startPlatform({ HTTP_MAX_UPLOAD_BYTES: '1000000', HTTP_REQUEST_TIMEOUT_MS: '1000' });
  served = await serveApp(platform.orders.app, { host: '127.0.0.1', port: 0, requestTimeoutMs: 60_000 });
});
afterAll(async () => {
  await served.close(100);
  await platform.stop();
});

const url = () => `http://127.0.0.1:${served.port}/orders/inbox`;
const nothingLeft = () =>
  eventually('nothing is left of the request', async () => {
    const { incoming } = storedFiles(platform);
    return incoming.length === 0;
  });

/** A form of one file, cut off after so many bytes of it. */
const head = (rest: string) =>
  `POST /orders/inbox HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n${rest}\r\n\r\n`;
const partOf = (bytes: number) =>
  `--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n${'a'.repeat(bytes)}`;

function open(): { socket: Socket; answer: Promise<string> } {
  const socket = connect({ port: served.port, host: '127.0.0.1' });
  socket.setEncoding('latin1');
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
  return { socket, answer };
}

test('an order with files of many chunks is taken', async () => {
  const content = `${ORDER_CSV}${'W-1,Widget,1,1.00\n'.repeat(40_000)}`;
  const files = [
    { name: 'a.csv', content },
    { name: 'b.csv', content },
  ];
  const response = await fetch(url(), { method: 'POST', body: orderForm({ from_email: FROM }, files) });
  expect(response.status).toBe(201);
  const stored = storedFiles(platform).artifacts.filter((path) => path.includes('/'));
  expect(stored.map((path) => statSync(join(platform.config.storage.dir, 'artifacts', path)).size)).toEqual([
    content.length,
    content.length,
  ]);
  await nothingLeft();
});

test('a raw message is taken', async () => {
  const headers = { 'content-type': 'message/rfc822' };
  const response = await fetch(url(), { method: 'POST', body: orderMessage(), headers });
  expect(response.status).toBe(201);
  await nothingLeft();
});

test('what is too large is 413, with and without a length in advance', async () => {
  const files = [{ name: 'a.csv', content: 'a'.repeat(1_000_001) }];
  const response = await fetch(url(), { method: 'POST', body: orderForm({ from_email: FROM }, files) });
  expect([response.status, response.headers.get('connection')]).toEqual([413, 'close']);
  const declared = open();
  declared.socket.write(head('Content-Length: 99999999') + partOf(10));
  expect(await declared.answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*is larger than 2500000 bytes/);
  const chunked = open();
  chunked.socket.write(head('Transfer-Encoding: chunked'));
  for (let n = 0; n < 30; n += 1)
    chunked.socket.write(`186a0\r\n${n === 0 ? partOf(100_000).slice(0, 100_000) : 'a'.repeat(100_000)}\r\n`);
  expect(await chunked.answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*\/files\/0/);
  await nothingLeft();
});

test('a client that goes away leaves nothing', async () => {
  const { socket, answer } = open();
  socket.write(head('Content-Length: 500000') + partOf(100_000));
  await eventually('its file is being written', async () => storedFiles(platform).incoming.length > 0);
  socket.destroy();
  await answer;
  await nothingLeft();
  expect(platform.logged.filter(({ level }) => level === 'ERROR')).toEqual([]);
});

test('a client that is too slow is told, and leaves nothing', async () => {
  const { socket, answer } = open();
  socket.write(head('Content-Length: 500000') + partOf(100));
  // Its time is four seconds, by the settings of this test.
  expect(await answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*did not arrive in time/);
  await nothingLeft();
});
