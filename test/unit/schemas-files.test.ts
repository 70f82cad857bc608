import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AGENTS, TEAM_TARGETS } from '../../schemas/catalog.ts';
import { type JsonSchema, loadSchemas, PACKAGE_SCHEMAS, SchemaSetError } from '../../schemas/load.ts';
import { createValidator } from '../../schemas/validate.ts';
import { renderTypes } from '../../scripts/generate.ts';
import { EVENT_TYPES, OBJECTS } from '../fixtures/events.ts';

const set = loadSchemas();

describe('the schema files of the package', () => {
  it('compile in strict mode', () => {
    expect(() => createValidator().compileAll()).not.toThrow();
  });

  it('print to exactly schemas/types.ts', () => {
    expect(readFileSync(join(PACKAGE_SCHEMAS, 'types.ts'), 'utf8')).toBe(renderTypes(set));
  });

  it('cover exactly the sampled events and objects, each at version 1', () => {
    expect([...set.events.keys()].sort()).toEqual(EVENT_TYPES.toSorted());
    expect([...set.objects.keys()].sort()).toEqual(Object.keys(OBJECTS).sort());
    expect(new Set(set.files.map(({ version }) => version))).toEqual(new Set([1]));
    expect(EVENT_TYPES).toHaveLength(45);
  });

  it('name every built-in team', () => {
    expect(set.objects.get('team_id')?.schema.enum).toEqual([...TEAM_TARGETS]);
  });

  it('close every payload and the envelope', () => {
    for (const file of set.files.filter(({ path }) => !path.startsWith('objects/'))) {
      expect(file.schema, file.path).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });

  it('bound every list, and every string but hashes by length, format or pattern', () => {
    const unbounded: string[] = [];
    const visit = (node: JsonSchema, at: string): void => {
      const types = [node.type].flat();
      if (types.includes('array') && !(Number(node.maxItems) <= 5000)) unbounded.push(at);
      if (types.includes('string') && !('maxLength' in node || 'format' in node || 'pattern' in node))
        unbounded.push(at);
      for (const [key, member] of Object.entries(node.properties ?? {})) visit(member, `${at}/${key}`);
      if (node.items) visit(node.items, `${at}/items`);
      for (const option of node.anyOf ?? []) visit(option, at);
    };
    for (const file of set.files) visit(file.schema, file.path);
    expect(unbounded).toEqual([
      'objects/fact_ledger_entry.v1.schema.json/prev_hash',
      'objects/fact_ledger_entry.v1.schema.json/hash',
    ]);
  });

  it('list as many agents as have a role', () => {
    const files = readdirSync(join(PACKAGE_SCHEMAS, 'agents'));
    expect(files.sort()).toEqual(AGENTS.map((agent) => `${agent}.v1.schema.json`).sort());
  });
});

describe('a schema directory that is not sound', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'schemas-'));
    for (const folder of ['envelope', 'events', 'objects']) {
      cpSync(join(PACKAGE_SCHEMAS, folder), join(directory, folder), { recursive: true });
    }
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const file = 'events/work.item_started.v1.schema.json';
  const edit = (change: (schema: JsonSchema) => void, to = file) => {
    const schema = JSON.parse(readFileSync(join(directory, file), 'utf8')) as JsonSchema;
    change(schema);
    if (to !== file) schema.$id = `https://audit-flash-os/schemas/${to}`;
    writeFileSync(join(directory, to), JSON.stringify(schema));
  };
  const problems = (): readonly string[] => {
    try {
      createValidator(directory);
    } catch (error) {
      if (error instanceof SchemaSetError) return error.problems;
      throw error;
    }
    return [];
  };

  it('is accepted while it is an exact copy', () => {
    expect(problems()).toEqual([]);
  });

  it('is refused when an event lacks x_event_type', () => {
    edit((schema) => delete schema.x_event_type);
    expect(problems()).toEqual([`${file}: x_event_type is missing`]);
  });

  it('is refused when two files claim one type and version', () => {
    edit(() => {}, 'events/x.v1.schema.json');
    expect(problems()).toEqual([`events/x.v1.schema.json: WORK.ITEM_STARTED version 1 is already claimed by ${file}`]);
  });

  it('is accepted when a second file claims another version of a type', () => {
    edit(() => {}, 'events/work.item_started.v2.schema.json');
    expect(problems()).toEqual([]);
    const text = renderTypes(loadSchemas(directory));
    expect(text).toContain("'WORK.ITEM_STARTED': WorkItemStarted | WorkItemStartedV2;");
    const validator = createValidator(directory, { trusted: true });
    expect(validator.checkPayload('WORK.ITEM_STARTED', 2, {})?.reason).toMatch(/is required/);
    expect(validator.checkPayload('WORK.ITEM_STARTED', 3, {})?.reason).toBe(
      'no schema for event_type=WORK.ITEM_STARTED event_version=3',
    );
  });

  it('is refused when a file is not named after its type', () => {
    edit((schema) => {
      schema.x_event_type = 'WORK.OTHER';
    });
    expect(problems()).toEqual([`${file}: is not named after its x_event_type WORK.OTHER`]);
  });

  it.each([
    ['../objects/nowhere.v1.schema.json'],
    ['../objects/period.v1.schema.json#/properties/nothing'],
    ['#/$defs/nothing'],
    ['http://['],
  ])('is refused when $ref %s does not resolve', ($ref) => {
    edit((schema) => {
      (schema.properties as Record<string, JsonSchema>).started_at = { $ref };
    });
    expect(problems()).toEqual([`${file}: $ref ${$ref} does not resolve`]);
  });

  it('is accepted when a $ref leads into a file', () => {
    edit((schema) => {
      (schema.properties as Record<string, JsonSchema>).started_at = {
        $ref: '../objects/period.v1.schema.json#/properties/type',
      };
    });
    expect(problems()).toEqual([]);
  });

  it('is refused when a file is not valid draft 2020-12', () => {
    edit((schema) => {
      schema.required = 'project_id' as never;
    });
    expect(problems()).toEqual([`${file}: /required must be array`]);
    edit((schema) => {
      schema.required = [];
      schema.$schema = 'http://json-schema.org/draft-07/schema#';
    });
    expect(problems()).toEqual([`${file}: $schema is not draft 2020-12`]);
  });

  it('is refused when a keyword or format is misspelt', () => {
    edit((schema) => {
      schema.requird = [];
    });
    expect(problems()).toEqual([expect.stringMatching(/^events\/work\.item_started.*requird/)]);
  });

  it('is refused when a file is not JSON, not an object, misnamed or carries a foreign $id', () => {
    writeFileSync(join(directory, 'objects/row.v1.schema.json'), '{');
    writeFileSync(join(directory, 'objects/period.v1.schema.json'), '[]');
    writeFileSync(join(directory, 'objects/Thing.json'), '{}');
    edit((schema) => {
      schema.$id = 'https://example.com/x';
    });
    const found = problems();
    expect(found).toContainEqual(expect.stringMatching(/^objects\/row\.v1\.schema\.json: .*JSON/));
    expect(found).toContain('objects/period.v1.schema.json: is not a JSON object');
    expect(found).toContain('objects/Thing.json: is not named <name>.v<version>.schema.json');
    expect(found).toContain(`${file}: $id must be https://audit-flash-os/schemas/${file}`);
  });

  it('is refused when the envelope or a whole folder is missing', () => {
    rmSync(join(directory, 'envelope/event_envelope.v1.schema.json'));
    expect(problems()).toEqual(['envelope/event_envelope.v1.schema.json: is missing']);
    rmSync(join(directory, 'objects'), { recursive: true });
    expect(problems()).toContain('objects/: cannot be read (ENOENT)');
  });
});
