/** The documents say what the code does: names of files, scripts, commands, settings, events, and the gateway's routes and codes. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { loadSchemas } from '../../schemas/load.ts';
import { createValidator } from '../../schemas/validate.ts';
import { Keys } from '../../src/bus/keys.ts';
import { parseLine, splitLine } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { parseCliConfig } from '../../src/config/cli.ts';
import { thisMachine } from '../../src/config/machine.ts';
import { parseConfig } from '../../src/config.ts';
import { Fault, isFaultCode } from '../../src/errors.ts';
import { createLlmApp } from '../../src/http/llm-app.ts';
import { HttpMetrics } from '../../src/http/metrics.ts';
import { scopesOf } from '../../src/http/route.ts';
import { createGateway } from '../../src/llm/create-gateway.ts';
import { CHAT_REQUEST_SCHEMA } from '../../src/llm/wires/chat-schemas.ts';
import { runtimeSettings } from '../../src/runtime/settings.ts';

const documents = globSync('{*.md,docs/*.md}').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const read = (path: string) => readFileSync(path, 'utf8');
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found as string);
/** First cells of the rows of all tables. */
const firstCells = (text: string) => all(text, /^\| ([^|]+) \|/gm);

describe.each(documents)('$path', ({ path, text }) => {
  it('links to files that exist', () => {
    const targets = all(text, /\]\(([^)#]+)(?:#[^)]*)?\)/g);
    expect(targets.filter((target) => !existsSync(join(dirname(path), target)))).toEqual([]);
  });

  it('links to headings that exist', () => {
    for (const [, file, anchor] of text.matchAll(/\]\(([^)#]*)#([^)]+)\)/g)) {
      const headings = all(read(file ? join(dirname(path), file) : path), /^#+ (.+)$/gm);
      const anchors = headings.map((heading) =>
        heading
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
      expect(anchors).toContain(anchor);
    }
  });

  it('names files that exist', () => {
    const root = /`((?:src|machines|actors|schemas|test|scripts|examples|docs|bin|config)\/[\w./-]*\w)`/g;
    expect(all(text, root).filter((file) => !existsSync(file))).toEqual([]);
  });

  it('names scripts of package.json', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = all(text, /npm run ([\w:-]*\w)/g);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('shows commands that the command line understands', () => {
    const inBlocks = all(text, /```(?:sh|console)\n([\s\S]*?)```/g).join('\n');
    const lines = all(inBlocks, /^(?:\$ )?(?:\w+=\$\()?(?:npx )?devteam (.*)$/gm);
    for (const line of lines) {
      const words = line.split(/\s[|>)]|\)$/, 1)[0]?.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
      const given = words.map((word) => word.replace(/^["']|["']$/g, ''));
      expect(() => parseLine(splitLine(given, commands), commands), line).not.toThrow();
    }
  });
});

describe('docs/cli.md', () => {
  it('has a row for every command, and no other', () => {
    const rows = all(read('docs/cli.md').split('\n## ', 1)[0] ?? '', /^\| `([a-z][^`]*)` \|/gm);
    const shown = commands.map(({ path, arguments: names }) => {
      return [path, ...names, ...(path === 'replay' ? ['--verify'] : [])].join(' ');
    });
    expect(rows.toSorted()).toEqual(shown.toSorted());
  });

  it('names every option', () => {
    const text = read('docs/cli.md') + read('docs/operations.md');
    const options = new Set(commands.flatMap((command) => Object.keys(command.options)));
    expect([...options].filter((option) => !text.includes(`--${option}`))).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  it('names every variable that is read, and no other', () => {
    const asked = new Set<string>();
    const environment = new Proxy<Record<string, string | undefined>>(
      {},
      {
        get: (_, name) => void asked.add(String(name)),
      },
    );
    parseConfig(environment);
    parseCliConfig(environment, thisMachine());
    // What every program looks at, and the second way to give a secret.
    const common = ['PATH', 'XDG_CACHE_HOME'];
    const known = [...asked].filter((name) => !common.includes(name) && !name.endsWith('_FILE'));
    const text = read('docs/configuration.md');
    const tables = firstCells(text).flatMap((cell) => all(cell, /`([A-Z][A-Z0-9_]+)`/g));
    const prose = all(text.slice(text.indexOf('## Read and checked')), /`([A-Z][A-Z0-9_]+)`/g);
    expect([...new Set([...tables, ...prose])].toSorted()).toEqual(known.toSorted());
  });
});

describe('docs/events.md', () => {
  it('has a row for every event type, and no other', () => {
    const rows = all(read('docs/events.md'), /^\| `([A-Z]+(?:\.[A-Z_]+)+)`/gm);
    const overview = ['PROJECT.INITIAL_REQUEST_RECEIVED', 'WORK.ITEM_STARTED', 'WORK.ITEM_REVIEWED'];
    const once = [...new Set(rows)];
    expect(once.toSorted()).toEqual([...loadSchemas().events.keys()].toSorted());
    // The walk through one project names some again.
    expect(rows.filter((type, index) => rows.indexOf(type) !== index).toSorted()).toEqual(overview.toSorted());
  });
});

/** The routes of the gateway as it is made for production; the connection to Redis is never opened. */
function gatewayRoutes() {
  const parsed = parseConfig({});
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const { config } = parsed;
  const nowhere = { socketPath: '' };
  const { keyNames } = runtimeSettings(config, nowhere, { actorsModule: '', actorsSettings: null, roles: [] });
  const keys = new Keys(keyNames);
  const redis = new Redis({ lazyConnect: true });
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const { gateway } = createGateway({ settings: config.llm.settings, redis, keys, log, instance: 'test/0' });
  const registry = new Registry();
  return createLlmApp({
    config,
    redis,
    keys,
    validator: createValidator(),
    gateway,
    metrics: new HttpMetrics(registry),
    version: '1.0.0',
    uptimeSeconds: () => 0,
    draining: () => false,
    log: { write: silent },
  }).routes;
}

/** Codes that clients of a surface may see, as the table of faults has them. */
function publicFaults(): Fault[] {
  const words = new Set(read('src/errors.ts').match(/\b[A-Z][A-Z_]+\b/g));
  const faults = [...words].filter(isFaultCode).map((code) => new Fault(code, ''));
  return faults.filter(({ code, publicCode }) => code === publicCode);
}

describe('docs/llm-gateway.md', () => {
  const text = read('docs/llm-gateway.md');
  const section = (heading: string) => text.split(`${heading}\n`)[1]?.split(/^##/m)[0] ?? '';

  it('has a row for every route with its scope, and no other', () => {
    const rows = [...text.matchAll(/^\| `([A-Z]+ \/\S*)` \| ([^|]+) \|/gm)].map(
      ([, route, access]) => `${route} ${access}`,
    );
    const routes = gatewayRoutes().map(({ method, path, access }) => {
      const scopes = scopesOf(access).map((scope) => `\`${scope}\``);
      return `${method} ${path} ${scopes.length > 0 ? scopes.join(' or ') : access}`;
    });
    expect(rows.toSorted()).toEqual(routes.toSorted());
  });

  it('has a row for every code with its status, and no other', () => {
    const rows = [...section('## Errors').matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map(
      ([, code, status]) => `${code} ${status}`,
    );
    const codes = publicFaults().map(({ code, status }) => `${code} ${status}`);
    expect(codes.length).toBeGreaterThan(10);
    expect(rows.toSorted()).toEqual(codes.toSorted());
  });

  it('has every status that a route says it may refuse with', () => {
    const statuses = all(section('## Errors'), /^\| `[A-Z_]+` \| (\d+) \|/gm).map(Number);
    const declared = gatewayRoutes().flatMap(({ errors }) => [...(errors ?? [])]);
    expect([...new Set(declared)].filter((status) => !statuses.includes(status))).toEqual([]);
  });

  it('names every field of /v1/chat, and no other', () => {
    const rows = all(section('### `/v1/chat`'), /^\| (`[^|]+) \|/gm).filter(
      (cell) => !/`(?:start|delta|done|error)`/.test(cell),
    );
    const fields = rows.flatMap((cell) => all(cell, /`([a-z_]+)`/g));
    expect(fields.toSorted()).toEqual(Object.keys(CHAT_REQUEST_SCHEMA.properties as object).toSorted());
  });
});

describe('ARCHITECTURE.md', () => {
  it('names for each invariant tests that name it', () => {
    for (const row of read('ARCHITECTURE.md').matchAll(/^\| (I\d+) \|[^|]+\|[^|]+\|([^|]+)\|$/gm)) {
      const [, invariant, cell = ''] = row;
      const files = all(cell, /`([^`]+)`/g);
      const naming = files.filter((file) => new RegExp(`\\b${invariant}\\b`).test(read(file)));
      expect(naming, `${invariant} in ${files.join(', ')}`).not.toEqual([]);
    }
  });
});
