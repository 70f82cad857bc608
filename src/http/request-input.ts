/**
 * What a request says, checked against what its route declares.
 *
 * Owns: path parameters, query, and body as values of the declared shapes; all violations of one part at once.
 */
import { isUuid } from '../../schemas/formats.ts';
import type { JsonSchema } from '../../schemas/load.ts';
import type { Violation } from '../../schemas/violations.ts';
import { parseJsonBody, type ReceivedBody } from './body.ts';
import { invalid, notFound } from './errors.ts';
import { queryPath, readQuery } from './query.ts';
import type { Route } from './route.ts';

/** What a route's schemas are compiled to. */
export interface Checks {
  query(values: unknown): Violation[];
  body(value: unknown): Violation[];
  form(value: unknown): Violation[];
}

export function compileChecks(route: Route, compile: (schema: JsonSchema) => (value: unknown) => Violation[]): Checks {
  const properties = Object.fromEntries(Object.entries(route.query ?? {}).map(([name, { schema }]) => [name, schema]));
  const nothing = () => [];
  return {
    query: route.query ? compile({ type: 'object', additionalProperties: false, properties }) : nothing,
    body: route.body?.schema && !route.body.unchecked ? compile(route.body.schema) : nothing,
    form: route.body?.form ? compile(route.body.form.schema) : nothing,
  };
}

/** Ids in lower case. Throws 404 for a value that can name nothing. */
export function pathParameters(given: Readonly<Record<string, string>>, route: Route): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const form = route.names?.[name];
    if (!(form ? form.test(value) : isUuid(value))) throw notFound(`${value.slice(0, 64)}`);
    params[name] = form ? value : value.toLowerCase();
  }
  return params;
}

export function checkedQuery(search: URLSearchParams, route: Route, checks: Checks): unknown {
  const { values, violations } = readQuery(search, route.query ?? {});
  violations.push(...checks.query(values).map(({ path, message }) => ({ path: queryPath(path), message })));
  if (violations.length > 0) throw invalid('The query is not valid.', violations);
  return values;
}

/** Undefined where there is none but a file. */
export function checkedBody(received: ReceivedBody, route: Route, checks: Checks): unknown {
  if (received.kind === 'none' || received.kind === 'raw') return undefined;
  const isForm = received.kind === 'form';
  const body = isForm ? formMembers(received.fields, route) : received.json;
  const violations = isForm ? checks.form(body) : checks.body(body);
  if (violations.length > 0) throw invalid('The request is not valid.', violations);
  return body;
}

/** Form fields as members of the body. A field left blank is absent, as browsers send it. */
function formMembers(fields: ReadonlyMap<string, string>, { body }: Route): Record<string, unknown> {
  const kinds = body?.form?.fields ?? {};
  const members: [string, unknown][] = [];
  for (const [name, text] of fields) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : 'text';
    const trimmed = text.trim();
    if (kind === 'text') members.push([name, text]);
    else if (trimmed === '') continue;
    else if (kind === 'text?') members.push([name, text]);
    else if (kind === 'json') members.push([name, parseJsonBody(Buffer.from(trimmed), `/${name}`)]);
    else if (kind === 'number') members.push([name, /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed]);
    else members.push([name, trimmed === 'true' ? true : trimmed === 'false' ? false : trimmed]);
  }
  return Object.fromEntries(members);
}
