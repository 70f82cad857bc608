/**
 * What a schema found wrong, in words for people.
 *
 * Owns: the wording and the pointers of violations, and their order. Keeps I11: says what and where.
 */
import type { ErrorObject } from 'ajv';

export interface Violation {
  /** JSON pointer to the bad or missing value; empty for the whole value. */
  path: string;
  message: string;
}

/** More than a person reads; keeps an answer small when every element of a list is wrong. */
const MAX_VIOLATIONS = 100;
const PATH_MAX_CHARACTERS = 300;

const FORMAT_MESSAGES: Readonly<Record<string, string>> = {
  uuid: 'must be a uuid',
  'date-time': 'must be an RFC 3339 time ending in Z',
  date: 'must be an existing day, YYYY-MM-DD',
  email: 'must be an e-mail address',
};
const PATTERN_MESSAGES: Readonly<Record<string, string>> = {
  Z$: FORMAT_MESSAGES['date-time'] as string,
  '\\S': 'must not be blank',
};

/** Violations in the order the schema found them, without repeats, at most 100. */
export function describe(errors: readonly ErrorObject[]): Violation[] {
  const nullable = new Set(errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath));
  const found = new Map<string, Violation>();
  for (const error of errors) {
    if (error.keyword === 'anyOf' || error.keyword === 'if') continue; // the branch has said it
    const orNull = nullable.has(error.instancePath) && error.keyword === 'type';
    if (orNull && error.params.type === 'null') continue;
    const violation = { path: pathOf(error), message: messageOf(error) + (orNull ? ' or null' : '') };
    found.set(`${violation.path} ${violation.message}`, violation);
    if (found.size === MAX_VIOLATIONS) break;
  }
  return [...found.values()];
}

/** `<pointer> <message>`, or just the message when it is about the whole value. */
export function violationText({ path, message }: Violation): string {
  return path === '' ? message : `${path} ${message}`;
}

/** Where the violation is: for a missing or surplus key, the key itself. */
function pathOf({ keyword, instancePath, params }: ErrorObject): string {
  const key =
    keyword === 'required'
      ? params.missingProperty
      : keyword === 'additionalProperties'
        ? params.additionalProperty
        : null;
  return clip(
    key === null ? instancePath : `${instancePath}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`,
  );
}

function clip(path: string): string {
  return path.length <= PATH_MAX_CHARACTERS ? path : `${path.slice(0, PATH_MAX_CHARACTERS)}…`;
}

function messageOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not allowed';
    case 'type':
      return `must be ${[params.type].flat().join(' or ')}`;
    case 'format':
      return FORMAT_MESSAGES[params.format] ?? `must be a ${params.format}`;
    case 'pattern':
      return PATTERN_MESSAGES[params.pattern] ?? `must match ${params.pattern}`;
    case 'enum':
      return `must be one of ${params.allowedValues.map((value: unknown) => JSON.stringify(value)).join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case 'minLength':
      return params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} characters`;
    case 'maxLength':
      return `must have at most ${params.limit} characters`;
    case 'minItems':
      return `must have at least ${params.limit} element${params.limit === 1 ? '' : 's'}`;
    case 'maxItems':
      return `must have at most ${params.limit} elements`;
    case 'uniqueItems':
      return `must not repeat an element (${params.j} and ${params.i})`;
    default:
      return message ?? `breaks ${keyword}`;
  }
}
