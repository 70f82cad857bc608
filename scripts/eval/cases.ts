/**
 * The cases of the evaluation: `evals/<team>/<pattern>.json`, each a list of requests with what their runs must bring.
 *
 * Owns: what such a file may say, and saying where one is wrong. Does not own running them.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { JsonSchema } from '../../schemas/load.ts';
import { TEAMS } from '../../schemas/teams.ts';
import type { TeamId } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { EXPECTATION, type Expectation } from './expectations.ts';

export const PATTERNS = ['sequential', 'parallel', 'hierarchical', 'iterative'] as const;
export type Pattern = (typeof PATTERNS)[number];
export const MIN_CASES = 5;

/** What a model says in test mode instead of what it would make up; as in `LLM_TEST_SCRIPT`, without counts. */
export interface CaseRule {
  match: { agent: string; contains?: string };
  then: Readonly<Record<string, unknown>>;
}

export interface EvalCase {
  request_text: string;
  context?: Readonly<Record<string, unknown>>;
  /** Absent: the team's own. */
  pattern?: Pattern;
  max_iterations?: number;
  quality_threshold?: number;
  /** The case makes sense in test mode only, and is left out with real models. */
  script?: readonly CaseRule[];
  expect: readonly Expectation[];
}

export interface PlacedCase extends EvalCase {
  team: TeamId;
  pattern: Pattern;
  /** `email_team/sequential.json /0` */
  place: string;
}

const text = { type: 'string', minLength: 1 };
const closed = (required: string[], properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});
const RULE = closed(['match', 'then'], {
  match: closed(['agent'], { agent: text, contains: text }),
  // biome-ignore lint/suspicious/noThenProperty: the script's own key; nothing awaits this object.
  then: { ...closed([], { fail: text, text: { type: 'string' }, json: {} }), minProperties: 1 },
});
const CASES: JsonSchema = {
  type: 'array',
  minItems: 1,
  items: closed(['request_text', 'expect'], {
    request_text: { ...text, maxLength: 20_000 },
    context: { type: 'object' },
    pattern: { enum: [...PATTERNS] },
    max_iterations: { type: 'integer', minimum: 1, maximum: 10 },
    quality_threshold: { type: 'number', minimum: 0, maximum: 1 },
    script: { type: 'array', minItems: 1, items: RULE },
    expect: { type: 'array', minItems: 1, items: EXPECTATION },
  }),
};

export class InvalidCases extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Invalid cases:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'InvalidCases';
    this.problems = problems;
  }
}

export interface Wanted {
  team?: string | undefined;
  pattern?: string | undefined;
}

/** All cases below a folder, by team and pattern. @throws InvalidCases naming each file and place that is wrong */
export function loadCases(folder: string, wanted: Wanted = {}): PlacedCase[] {
  const violations = createValidator().compile(CASES);
  const problems: string[] = [];
  const cases: PlacedCase[] = [];
  const firstLines = new Map<string, string>();
  for (const file of globSync('**/*.json', { cwd: folder }).sort()) {
    const team = dirname(file) as TeamId;
    const pattern = basename(file, '.json') as Pattern;
    if (!(team in TEAMS)) problems.push(`${file}: ${team} is no team; a file is named <team>/<pattern>.json`);
    else if (!PATTERNS.includes(pattern)) problems.push(`${file}: ${pattern} is none of ${PATTERNS.join(', ')}`);
    else {
      const read = readList(join(folder, file), file, violations);
      problems.push(...read.problems);
      for (const [index, one] of read.cases.entries()) {
        const place = `${file} /${index}`;
        const own = one.pattern ?? TEAMS[team].pattern;
        if (own !== pattern) problems.push(`${place}/pattern: ${own}, in the file of ${pattern}`);
        const line = firstLine(one);
        const other = firstLines.get(line);
        // What a script's rule is for is known by this line.
        if (other !== undefined) problems.push(`${place}/request_text: begins with the same line as ${other}`);
        firstLines.set(line, place);
        cases.push({ ...one, team, pattern, place });
      }
    }
  }
  if (problems.length > 0) throw new InvalidCases(problems);
  return cases.filter(({ team, pattern }) => (wanted.team ?? team) === team && (wanted.pattern ?? pattern) === pattern);
}

type Violations = ReturnType<ReturnType<typeof createValidator>['compile']>;

function readList(path: string, file: string, violations: Violations): { cases: EvalCase[]; problems: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return { cases: [], problems: [`${file}: is no JSON: ${(error as Error).message}`] };
  }
  const wrong = violations(value);
  if (wrong.length === 0) return { cases: value as EvalCase[], problems: [] };
  return { cases: [], problems: wrong.map(({ path: at, message }) => `${file} ${at}: ${message}`) };
}

const firstLine = ({ request_text }: EvalCase): string => request_text.trim().split('\n', 1)[0] as string;

/** The rules of all cases as one `LLM_TEST_SCRIPT`. They keep no counts, so that threads agree. */
export function scriptOf(cases: readonly EvalCase[]): CaseRule[] {
  return cases.flatMap((one) =>
    (one.script ?? []).map(({ match, then }) => ({ match: { contains: firstLine(one), ...match }, then })),
  );
}
