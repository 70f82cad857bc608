/**
 * One text per JSON value: keys sorted by UTF-16 code unit, no white space. For hashes and for comparing states.
 *
 * Owns: the canonical form. Keeps I8: equal states give equal texts, whatever order their keys were set in.
 */

/** More than any event or state nests; far less than a stack holds. */
const MAX_DEPTH = 500;

/**
 * Canonical JSON of a JSON value. Members that are `undefined` are left out, as JSON.stringify leaves them out.
 * @throws {TypeError} for what JSON cannot say: non-finite numbers, functions, `undefined` in a list.
 * @throws {RangeError} when nested deeper than 500.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} is not a JSON number`);
      return JSON.stringify(value);
    case 'object':
      break;
    default:
      throw new TypeError(`${typeof value} is not a JSON value`);
  }
  if (value === null) return 'null';
  if (depth === MAX_DEPTH) throw new RangeError(`nested deeper than ${MAX_DEPTH}`);
  if (Array.isArray(value)) return `[${value.map((element) => write(element, depth + 1)).join(',')}]`;
  const object = value as Record<string, unknown>;
  const members = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${write(object[key], depth + 1)}`);
  return `{${members.join(',')}}`;
}
