/**
 * Query parameters: text in, typed values out.
 *
 * Owns: splitting, folding and converting; every parameter at most once, none that the route does not know.
 */
import type { Violation } from './errors.ts';
import type { QueryParameter } from './route.ts';

const INTEGER = /^-?\d{1,15}$/;

/** The values and what is wrong with their form; their meaning is checked by the route's schema. */
export function readQuery(
  search: URLSearchParams,
  parameters: Readonly<Record<string, QueryParameter>>,
): { values: Record<string, unknown>; violations: Violation[] } {
  const values: [string, unknown][] = [];
  const violations: Violation[] = [];
  for (const name of new Set(search.keys())) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const given = search.getAll(name);
    if (!parameter) violations.push({ path: queryPath(name), message: 'is not a parameter of this route' });
    else if (given.length > 1) violations.push({ path: queryPath(name), message: 'is given more than once' });
    else values.push([name, convert(given[0] as string, parameter)]);
  }
  return { values: Object.fromEntries(values), violations };
}

/** A violation's JSON pointer as the name of the parameter. */
export function queryPath(pointer: string): string {
  return `query.${pointer.replace(/^\//, '').split('/', 1)[0]?.slice(0, 64)}`;
}

function convert(text: string, { schema, anyCase }: QueryParameter): unknown {
  const given = anyCase ? text.toUpperCase() : text;
  switch (schema.type) {
    case 'array':
      return given.split(',').map((part) => part.trim());
    case 'integer':
      return INTEGER.test(given) ? Number(given) : given;
    case 'boolean':
      return given === 'true' ? true : given === 'false' ? false : given;
    default:
      return given;
  }
}
