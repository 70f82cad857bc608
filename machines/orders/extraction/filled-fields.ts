/**
 * The fields that a caller's schema has, and what an extraction says for each.
 *
 * Owns: which parts of a schema are fields of their own, and the values that no single place of the text states: a
 * summed total, a customer as a whole, an address that is only assumed.
 */
import { sumOfLines } from '../values/arithmetic.ts';
import { CONFIDENCE } from '../values/fields.ts';
import { type Binding, bindingOf, groupOf, membersOf, plainName, SCALAR_OF, type TopGroup } from './bindings.ts';
import { conform } from './conform.ts';
import type { OrderExtraction } from './extract.ts';
import type { ExtractionSchema, Wanted } from './extraction-schema.ts';
import { filledLines, LINE_SHAPE, type Part, partOf } from './filled-lines.ts';

/** A field of the answer that is filled as a whole. */
export interface FilledField {
  /** Path by names: `total`, `customer.name`. */
  name: string;
  keys: readonly string[];
  binding: Binding | null;
  wanted: Wanted;
  /** Null or, of a list, empty if nothing was found. */
  value: unknown;
  /** Null if nothing was found. */
  confidence: number | null;
  /** Paths of what its lines lack although they need it. */
  lacks: readonly string[];
}

export const LINES = 'lines';
export const TOTAL = 'totals.total';

/** The fields of a schema with what the text says. */
export const fieldsOf = (extraction: OrderExtraction, { root, draft }: ExtractionSchema): FilledField[] =>
  plan(root, 'order', []).map((field) => fillField(field, extraction, draft));

type Planned = Pick<FilledField, 'name' | 'keys' | 'binding' | 'wanted'>;

/** The fields of an object: the members of a customer, a delivery … are fields of their own. */
function plan({ properties = [] }: Wanted, group: TopGroup, keys: readonly string[]): Planned[] {
  return properties.flatMap(([key, member]): Planned[] => {
    const own = [...keys, key];
    const planned = { name: own.join('.'), keys: own };
    const binding = bindingOf(key, group);
    const inner = groupOf(binding);
    if (!inner) return [{ ...planned, binding, wanted: binding === LINES ? withElements(member) : member }];
    if (member.properties) return plan(member, inner, own);
    if (member.types.includes('object')) return [{ ...planned, binding, wanted: openGroup(member, inner) }];
    return [{ ...planned, binding: scalarOf(inner, member.date), wanted: member }];
  });
}

/** A list of lines whose elements the caller leaves open has the usual ones. */
function withElements(wanted: Wanted): Wanted {
  const { items } = wanted;
  if (items && (items.properties || items.types.some((type) => type !== 'object'))) return wanted;
  const types = wanted.types.length === 0 ? (['array'] as const) : wanted.types;
  return types.includes('array') ? { ...wanted, types, items: LINE_SHAPE } : wanted;
}

/** A customer, a delivery … that the caller leaves open has the usual members. */
function openGroup(wanted: Wanted, group: TopGroup): Wanted {
  const properties = membersOf(group).map((name): [string, Wanted] => [name, ANY_SCALAR]);
  return properties.length === 0 ? wanted : { ...wanted, properties };
}

const ANY_SCALAR: Wanted = { types: ['string', 'number'], date: false, required: [] };

const scalarOf = (group: TopGroup, date: boolean): Binding | null =>
  date && group === 'delivery' ? 'delivery.date' : SCALAR_OF[group];

function fillField(planned: Planned, extraction: OrderExtraction, draft: boolean): FilledField {
  const { binding, wanted, name } = planned;
  const empty = { ...planned, value: wanted.types.includes('array') ? [] : null, confidence: null, lacks: [] };
  if (binding === LINES) {
    const { items } = wanted;
    const list = items && wanted.types.includes('array') ? filledLines(extraction, items, draft) : null;
    return list ? { ...empty, ...list, lacks: list.lacks.map((part) => name + part) } : empty;
  }
  const part = binding === null ? null : partFor(binding, planned, extraction);
  const value = conform(part?.value, wanted);
  return part && value !== undefined ? { ...empty, value, confidence: part.confidence } : empty;
}

/** The value of a field that is no list, and how sure it is. */
function partFor(binding: Binding, { keys, wanted }: Planned, extraction: OrderExtraction): Part | null {
  const { fields, lines } = extraction;
  const group = groupOf(binding);
  if (group) return membersFor(group, wanted, fields);
  // Fields of a line outside of a list speak of the only line.
  if (binding.startsWith('line.')) return lines.length === 1 ? partOf(extraction, 1, binding) : null;
  if (binding === TOTAL) return statedOrSum(extraction);
  const own = fields[binding];
  const customers = fields['customer.address'];
  if (binding !== 'delivery.address' || own || !customers || keys.length > 1) return own ?? null;
  // `address` is any address; that the goods go to the customer is assumed.
  const asked = plainName(keys[0] as string);
  return { value: customers.value, confidence: asked === 'address' ? customers.confidence : CONFIDENCE.assumed };
}

function membersFor(group: TopGroup, { properties = [] }: Wanted, fields: OrderExtraction['fields']): Part | null {
  const found = properties.flatMap(([name]) => {
    const field = fields[bindingOf(name, group) as string];
    return field && field.value !== null ? [[name, field] as const] : [];
  });
  if (found.length === 0) return null;
  const confidence = found.reduce((sum, [, field]) => sum + field.confidence, 0) / found.length;
  return { value: Object.fromEntries(found.map(([name, { value }]) => [name, value])), confidence };
}

function statedOrSum({ fields, lines }: OrderExtraction): Part | null {
  const stated = fields[TOTAL];
  if (stated) return stated;
  const parts = lines.flatMap(({ line_no }) =>
    ['qty', 'unit_price', 'total_price'].flatMap((name) => fields[`lines[${line_no}].${name}`]?.confidence ?? []),
  );
  return { value: sumOfLines(lines), confidence: Math.min(...parts) };
}
