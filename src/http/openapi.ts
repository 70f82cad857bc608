/**
 * The routes as an OpenAPI 3.1 document. Pure.
 *
 * Owns: the translation. OpenAPI 3.1 speaks JSON Schema 2020-12, so the very schemas that check requests are shown.
 */
import { type JsonSchema, refName } from '../../schemas/load.ts';
import { limitClass, type ResponseSpec, type Route, scopesOf } from './route.ts';
import { errorShape, text } from './shapes.ts';

export interface OpenApiInfo {
  title: string;
  version: string;
  description: string;
}

/** A named schema of the bus, for references. */
export type Resolve = (name: string) => JsonSchema;

const REASONS: Readonly<Record<number, string>> = {
  400: 'Not acceptable; `details.errors` lists what is wrong',
  401: 'No valid key',
  403: 'The key lacks the scope, or the request comes from elsewhere',
  404: 'Not found',
  409: 'The state does not allow it, or the Idempotency-Key is taken',
  413: 'Too large or too deep',
  415: 'Content type not supported',
  422: 'A filter, or the model itself, refused the content',
  429: 'Too many requests; `Retry-After` tells when to come back',
  500: 'A bug',
  502: 'The provider failed',
  504: 'The provider did not answer in time',
  503: 'Redis is away or full, or the process shuts down; `Retry-After` tells when to come back',
};

export function openApiDocument(routes: readonly Route[], info: OpenApiInfo, resolve: Resolve) {
  const components = new Components(resolve);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([a-z]+)/g, '{$1}');
    paths[path] ??= {};
    (paths[path] as Record<string, unknown>)[route.method.toLowerCase()] = operation(route, components);
  }
  const error = components.translate(errorShape);
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      schemas: { error, ...components.schemas() },
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key of `API_KEYS`.' } },
    },
  };
}

function operation(route: Route, components: Components) {
  const scopes = scopesOf(route.access);
  const parameters = [...pathParameters(route), ...queryParameters(route, components), ...headerParameters(route)];
  return {
    tags: [route.tag],
    summary: route.summary,
    operationId: operationId(route),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: requestBody(route.body, components) }),
    responses: responses(route, components),
    security: route.access === 'open' ? [] : [{ key: [] }],
    ...(scopes.length > 0 && { description: `Scope: ${scopes.map((scope) => `\`${scope}\``).join(' or ')}` }),
  };
}

/** `getApiProjectsId`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function pathParameters({ path, names }: Route) {
  return [...path.matchAll(/:([a-z]+)/g)].map(([, name = '']) => {
    const form = names?.[name];
    const schema = form ? { type: 'string', pattern: form.source } : { type: 'string', format: 'uuid' };
    return { name, in: 'path', required: true, schema };
  });
}

function queryParameters({ query = {} }: Route, components: Components) {
  return Object.entries(query).map(([name, { description, schema }]) => ({
    name,
    in: 'query',
    description,
    schema: components.translate(schema),
    ...(schema.type === 'array' && { style: 'form', explode: false }),
  }));
}

function headerParameters({ method, access }: Route) {
  if (method !== 'POST' || access === 'open') return [];
  const schema = { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' };
  const description = 'The same request with the same key has one effect and one answer, for 24 hours.';
  return [{ name: 'Idempotency-Key', in: 'header', description, schema }];
}

function requestBody({ schema, optional = false, form, raw }: NonNullable<Route['body']>, components: Components) {
  const content: Record<string, unknown> = {};
  if (schema) content['application/json'] = { schema: components.translate(schema) };
  if (form) {
    const { properties, ...rest } = form.schema;
    const file = { type: 'string', contentMediaType: 'application/octet-stream', description: form.files.description };
    const { field, filesMax } = form.files;
    const files = filesMax === 1 ? file : { type: 'array', maxItems: filesMax, items: file };
    const all = { ...rest, properties: { ...properties, [field]: files } };
    content['multipart/form-data'] = { schema: components.translate(all) };
  }
  if (raw) content[raw.type] = { schema: { type: 'string', description: raw.description } };
  return { required: !optional, content };
}

function responses(route: Route, components: Components) {
  const all: Record<string, unknown> = {};
  for (const [status, spec] of Object.entries(route.responses)) all[status] = response(spec, components);
  const always = [
    ...(route.access === 'open' ? [] : [401, 403]),
    ...(limitClass(route) === 'none' ? [] : [429]),
    500,
    503,
  ];
  for (const status of [...(route.errors ?? []), ...always]) {
    all[status] ??= {
      description: REASONS[status],
      content: { 'application/json': { schema: { $ref: '#/components/schemas/error' } } },
    };
  }
  return all;
}

function response(
  { description, schema, contentType = 'application/json', headers }: ResponseSpec,
  components: Components,
) {
  const described = Object.entries(headers ?? {}).map(([name, about]) => [name, { description: about, schema: text }]);
  const hasBody = schema !== undefined || contentType !== 'application/json';
  return {
    description,
    ...(described.length > 0 && { headers: Object.fromEntries(described) }),
    ...(hasBody && { content: { [contentType]: { schema: components.translate(schema ?? text) } } }),
  };
}

/** Schemas of the bus that are referred to, each once, with references as OpenAPI writes them. */
class Components {
  readonly #resolve: Resolve;
  readonly #used = new Map<string, JsonSchema>();

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  translate(schema: JsonSchema): JsonSchema {
    return this.#translate(schema) as JsonSchema;
  }

  schemas(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #translate(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#translate(each));
    if (typeof value !== 'object' || value === null) return value;
    const translated: [string, unknown][] = [];
    for (const [key, member] of Object.entries(value)) {
      if (key === '$ref' && typeof member === 'string') translated.push([key, this.#refer(member)]);
      else if (key !== '$id' && key !== '$schema' && key !== 'x_event_type')
        translated.push([key, this.#translate(member)]);
    }
    return Object.fromEntries(translated);
  }

  #refer(ref: string): string {
    const name = refName(ref);
    if (!this.#used.has(name)) {
      // Entered before it is translated: schemas may refer to each other.
      this.#used.set(name, {});
      this.#used.set(name, this.translate(this.#resolve(name)));
    }
    return `#/components/schemas/${name}`;
  }
}
