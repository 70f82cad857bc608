import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonSchema, loadSchemas, refName } from '../../schemas/load.ts';
import type { EventType } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { EVENT_TYPES, OBJECTS, PAYLOADS } from '../fixtures/events.ts';
import { valid } from '../fixtures/schema-arbitrary.ts';

const set = loadSchemas();
const validator = createValidator();

interface Subject {
  name: string;
  schema: JsonSchema;
  sample: unknown;
  reasonFor: (value: unknown) => string | null;
}

const subjects: Subject[] = [
  ...EVENT_TYPES.map((type: EventType) => ({
    name: type,
    schema: set.events.get(type)?.get(1)?.schema as JsonSchema,
    sample: PAYLOADS[type],
    reasonFor: (value: unknown) => validator.checkPayload(type, 1, value)?.reason ?? null,
  })),
  ...Object.entries(OBJECTS).map(([name, sample]) => ({
    name,
    schema: set.objects.get(name)?.schema as JsonSchema,
    sample,
    reasonFor: (value: unknown) => validator.checkObject(name, value)?.reason ?? null,
  })),
];

/** Every object inside a sample that its schema describes, with the schema and a way to replace it. */
function* objectsIn(
  schema: JsonSchema,
  value: unknown,
  rebuild: (replaced: unknown) => unknown,
  pointer = '',
): Generator<{
  schema: JsonSchema;
  value: Record<string, unknown>;
  rebuild: (replaced: unknown) => unknown;
  pointer: string;
}> {
  const at = schema.$ref
    ? (set.objects.get(refName(schema.$ref))?.schema as JsonSchema)
    : (schema.anyOf?.[0] ?? schema);
  if (at !== schema) return yield* objectsIn(at, value, rebuild, pointer);
  if (Array.isArray(value) && schema.items) {
    for (const [index, element] of value.entries()) {
      yield* objectsIn(
        schema.items,
        element,
        (replaced) => rebuild(value.with(index, replaced)),
        `${pointer}/${index}`,
      );
    }
  } else if (typeof value === 'object' && value !== null && schema.properties) {
    const object = value as Record<string, unknown>;
    yield { schema, value: object, rebuild, pointer };
    for (const [key, member] of Object.entries(schema.properties)) {
      yield* objectsIn(member, object[key], (replaced) => rebuild({ ...object, [key]: replaced }), `${pointer}/${key}`);
    }
  }
}

const without = (object: Record<string, unknown>, key: string) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

describe.each(subjects)('$name', ({ schema, sample, reasonFor }) => {
  it('accepts its sample, in which every declared key is present', () => {
    expect(reasonFor(sample)).toBeNull();
    for (const found of objectsIn(schema, sample, (value) => value)) {
      expect(Object.keys(found.value), found.pointer).toEqual(
        expect.arrayContaining(Object.keys(found.schema.properties ?? {})),
      );
    }
  });

  it('rejects the sample without any one required key and accepts it without any one other', () => {
    for (const { schema: at, value, rebuild, pointer } of objectsIn(schema, sample, (replaced) => replaced)) {
      for (const key of Object.keys(at.properties ?? {})) {
        const required = at.required?.includes(key) || (at.then && key === 'options');
        const reason = reasonFor(rebuild(without(value, key)));
        if (required)
          expect(reason, `${pointer}/${key}`).toMatch(new RegExp(`^invalid \\w+: ${pointer}/${key} is required$`));
        else expect(reason, `${pointer}/${key}`).toBeNull();
      }
    }
  });

  it('rejects an unknown key exactly in closed objects', () => {
    for (const { schema: at, value, rebuild, pointer } of objectsIn(schema, sample, (replaced) => replaced)) {
      const reason = reasonFor(rebuild({ ...value, surplus: 1 }));
      if (at.additionalProperties === false)
        expect(reason).toMatch(new RegExp(`^invalid \\w+: ${pointer}/surplus is not allowed$`));
      else expect(reason, pointer).toBeNull();
    }
  });

  it('accepts whatever is drawn from its schema', () => {
    fc.assert(
      fc.property(valid(schema, set), (value) => {
        expect(reasonFor(value)).toBeNull();
      }),
      { numRuns: 20 },
    );
  });
});

it('a conforming event drawn from the schemas passes as bytes and comes back equal', () => {
  const envelope = set.envelope.schema.properties as Record<string, JsonSchema>;
  const anyEvent = fc.constantFrom(...EVENT_TYPES).chain((type) =>
    fc.record({
      ...Object.fromEntries(Object.entries(envelope).map(([key, schema]) => [key, valid(schema, set)])),
      event_type: fc.constant(type),
      event_version: fc.constant(1),
      payload: valid(set.events.get(type)?.get(1)?.schema as JsonSchema, set),
    }),
  );
  fc.assert(
    fc.property(anyEvent, (event) => {
      const text = JSON.stringify(event);
      const verdict = validator.check(Buffer.from(text), { maxEventBytes: 1 << 24 });
      if (verdict.ok) expect(JSON.stringify(verdict.event)).toBe(text);
      else expect(verdict.reason).toMatch(/^unknown agent_target: /);
    }),
    { numRuns: 300 },
  );
});
