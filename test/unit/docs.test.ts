/** The documents say what the code does: names of files, scripts, commands, settings and events. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSchemas } from '../../schemas/load.ts';
import { parseLine, splitLine } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { parseCliConfig } from '../../src/config/cli.ts';
import { thisMachine } from '../../src/config/machine.ts';
import { parseConfig } from '../../src/config.ts';

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
    const root = /`((?:src|machines|actors|schemas|test|scripts|examples|docs|bin)\/[\w./-]*\w)`/g;
    expect(all(text, root).filter((file) => !existsSync(file))).toEqual([]);
  });

  it('names scripts of package.json', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = all(text, /npm run ([\w-]+)/g);
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
