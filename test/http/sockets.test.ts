import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, serveApp } from '../../src/http/serve.ts';
import { eventually } from '../support/eventually.ts';
import { ANALYSIS, startPlatform, type TestPlatform } from './platform.ts';

let platform: TestPlatform;
let served: Served;
beforeAll(async () => {
  platform = await startPlatform({ HTTP_MAX_BODY_BYTES: '1024', HTTP_REQUEST_TIMEOUT_MS: '1000' });
  served = await serveApp(platform.app, { host: '127.0.0.1', port: 0, requestTimeoutMs: 30_000 });
});
afterAll(async () => {
  await served.close(100);
  await platform.stop();
});

/** A connection that collects what it is told. */
class Wire {
  answer = '';
  closed = false;
  readonly #socket: Socket;

  constructor() {
    this.#socket = connect({ port: served.port, host: '127.0.0.1' });
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (chunk: string) => {
      this.answer += chunk;
    });
    this.#socket.on('close', () => {
      this.closed = true;
    });
    this.#socket.on('error', () => {});
  }

  send(...lines: string[]): this {
    this.#socket.write(lines.join('\r\n'));
    return this;
  }
  until(text: string): Promise<void> {
    return eventually(`the answer holds ${text}, it is ${this.answer}`, () => this.answer.includes(text));
  }
  gone(): Promise<void> {
    return eventually('the connection is closed', () => this.closed);
  }
  end(): void {
    this.#socket.destroy();
  }
}

const POST = ['POST /api/projects HTTP/1.1', 'Host: localhost', 'Content-Type: application/json'];

describe('a connection', () => {
  test('that announces too much is answered before it has sent it, and closed', async () => {
    const wire = new Wire().send(...POST, 'Content-Length: 5000000', '', '{"name":"');
    await wire.gone();
    expect(wire.answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(wire.answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(wire.answer).toContain('"code":"PAYLOAD_TOO_LARGE"');
  });

  test('that sends too much in chunks is answered and closed', async () => {
    const chunk = `800\r\n${'x'.repeat(0x800)}\r\n`;
    const wire = new Wire().send(...POST, 'Transfer-Encoding: chunked', '', chunk);
    await wire.gone();
    expect(wire.answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('whose body stops half-way is told so, and closed', async () => {
    for (const [framing, body] of [
      ['Content-Length: 100', '{"na'],
      ['Transfer-Encoding: chunked', '4\r\n{"na\r\n'],
    ] as const) {
      const wire = new Wire().send(...POST, framing, '', body);
      await wire.gone();
      expect(wire.answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(wire.answer).toContain('The body did not arrive in time.');
    }
  });

  test('that goes away in the middle of a request harms nobody', async () => {
    const wires = Array.from({ length: 20 }, () => new Wire().send(...POST, 'Content-Length: 100', '', '{"name":'));
    await eventually('they are heard', () => wires.every((wire) => !wire.closed));
    for (const wire of wires) wire.end();
    expect((await fetch(`http://127.0.0.1:${served.port}/api/projects`)).status).toBe(200);
    expect(platform.logged.filter(({ level }) => level === 'ERROR')).toEqual([]);
  });

  test('is kept for the next request, also after a refusal', async () => {
    const body = JSON.stringify(ANALYSIS);
    const wire = new Wire();
    wire.send(...POST, 'Content-Length: 2', '', '{}');
    await wire.until('VALIDATION_ERROR');
    wire.send(...POST, `Content-Length: ${Buffer.byteLength(body)}`, '', body);
    await wire.until('Project accepted');
    expect(wire.answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 201']);
    wire.end();
  });

  test('with headers that are no request is answered with 4xx', async () => {
    for (const lines of [
      ['GET /api/projects HTTP/1.1', 'Host: a b', '', ''],
      ['GET /api/projects HTTP/1.1', '', ''],
      ['GET /api/projects HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${'a'.repeat(20_000)}`, '', ''],
      ['NONSENSE', '', ''],
    ]) {
      const wire = new Wire().send(...lines);
      await wire.until('HTTP/1.1 4');
      wire.end();
    }
  });
});

test('closing lets a request in work finish, ends streams, and takes no new one', async () => {
  const own = await serveApp(platform.app, { host: '127.0.0.1', port: 0, requestTimeoutMs: 30_000 });
  const url = `http://127.0.0.1:${own.port}`;
  const stream = await fetch(`${url}/api/stream`);
  const uploading = connect({ port: own.port, host: '127.0.0.1' });
  let answer = '';
  uploading.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  const body = JSON.stringify(ANALYSIS);
  uploading.write([...POST, `Content-Length: ${Buffer.byteLength(body)}`, '', body.slice(0, 10)].join('\r\n'));
  // One round trip of another request: the server has the beginning of this one.
  await once(uploading, 'connect');
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  platform.close();
  const closed = own.close(5_000);
  expect(await stream.text()).toMatch(/^retry: 2000\n\n/);
  uploading.write(body.slice(10));
  await eventually('it is answered', () => answer.includes('Project accepted'));
  await closed;
  uploading.destroy();
  await expect(fetch(`${url}/health/live`)).rejects.toThrow();
});
