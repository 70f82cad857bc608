// The architecture's arrows, read off the import statements.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Source {
  path: string;
  text: string;
  /** Paths from the project's root for its own files, package names for the rest. */
  imports: string[];
}

const importStatement =
  /^\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

const sources: Source[] = globSync('{schemas,machines,actors,src}/**/*.ts').map((path) => {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(importStatement)].map(([, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? '';
    return target.startsWith('.') ? normalize(join(dirname(path), target)) : target;
  });
  return { path, text, imports };
});

/** `file -> import` for every import of the files under `folder` that `allowed` refuses. */
function offences(folder: string, allowed: (target: string, path: string) => boolean): string[] {
  return sources
    .filter(({ path }) => path.startsWith(folder))
    .flatMap(({ path, imports }) => imports.filter((to) => !allowed(to, path)).map((to) => `${path} -> ${to}`));
}

const isOneOf =
  (...names: string[]) =>
  (target: string) =>
    names.some((name) => target === name || target.startsWith(`${name}/`));

describe('arrows', () => {
  it('are read from all parts of the house', () => {
    const parts = new Set(sources.map(({ path }) => path.split('/')[0]));
    expect(parts).toEqual(new Set(['schemas', 'machines', 'actors', 'src']));
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(sources.length);
  });

  it('lead from the schemas to nothing else of ours', () => {
    expect(offences('schemas/', (to) => !isOneOf('machines', 'actors', 'src')(to))).toEqual([]);
  });

  it('lead from the machines to machines, schemas and xstate only', () => {
    expect(offences('machines/', isOneOf('machines', 'schemas', 'xstate'))).toEqual([]);
  });

  it('lead from the actors to no I/O', () => {
    const io = isOneOf('ioredis', 'piscina', 'hono', '@hono', 'openai', '@anthropic-ai', 'src/http', 'src/bus');
    expect(offences('actors/', (to) => !io(to) && !to.startsWith('node:'))).toEqual([]);
  });

  it('lead from the core of the runtime to no Redis, thread pool, HTTP or LLM client', () => {
    const forbidden = isOneOf('ioredis', 'piscina', 'hono', '@hono', 'openai', '@anthropic-ai', '@google');
    for (const file of ['define-actor', 'step', 'turn']) {
      expect(offences(`src/runtime/${file}.ts`, (to) => !forbidden(to))).toEqual([]);
    }
  });

  it('lead to the actors from nowhere but the composition', () => {
    const allowed = (to: string, path: string) => !to.startsWith('actors/') || path === 'src/composition.ts';
    expect(offences('src/', allowed)).toEqual([]);
  });

  it('lead from http to neither the actors nor the composition', () => {
    expect(offences('src/http/', (to) => !isOneOf('actors', 'src/composition.ts')(to))).toEqual([]);
  });

  it('lead to an LLM SDK from its provider only', () => {
    const sdk = isOneOf('openai', '@anthropic-ai', '@google');
    expect(offences('', (to, path) => !sdk(to) || path.startsWith('src/llm/providers/'))).toEqual([]);
  });

  it('form no cycle', () => {
    const edges = new Map(sources.map(({ path, imports }) => [path, imports]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      if (done.has(path) || trail.includes(path)) return;
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of edges.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

describe('the surroundings', () => {
  const uses = (pattern: RegExp, folder: string, ...except: string[]) =>
    sources
      .filter(({ path }) => path.startsWith(folder) && !except.includes(path))
      .filter(({ text }) => pattern.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')))
      .map(({ path }) => path);

  it('are read by the configuration alone', () => {
    expect(uses(/\bprocess\.env\b/, '', 'src/config.ts')).toEqual([]);
  });

  it('are unknown to the machines: no clock, chance, process or console', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bconsole\.|\bsetTimeout\b|\bperformance\.|\bcrypto\b/;
    expect(uses(impure, 'machines/')).toEqual([]);
  });
});
