/** What goes over the wire for each agent of the shipped teams, with the shipped configuration and providers that are sockets. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { teams } from '../../actors/teams/index.ts';
import { TEAMS } from '../../schemas/teams.ts';
import type { TeamId } from '../../schemas/types.ts';
import { readLedger } from '../../src/llm/accounts/ledger.ts';
import { eventually } from '../support/eventually.ts';
import type { Call } from '../support/mock-upstream/books.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { findings, openWork } from '../support/oracle.ts';
import { ANALYSTS, aRun, readRun } from '../support/team-runs.ts';
import { mockEnv } from '../support/test-llm.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

const SHIPPED = fileURLToPath(new URL('../../config/llm_config.yaml', import.meta.url));
const [S, T, L, F] = ['claude-sonnet-5-5', 'gpt-6.1-terra', 'gpt-6-luna', 'gemini-3.5-flash-lite'] as const;
const WIRES = { [S]: 'anthropic', [T]: 'openai', [L]: 'openai', [F]: 'google' } as const;
/** Model, temperature, most tokens of an answer, kind of task. */
const AGENTS: Readonly<Record<string, readonly [keyof typeof WIRES, number, number, string]>> = {
  pattern_agent: [S, 0.3, 4096, 'text_analysis'],
  extraction_agent: [S, 0.1, 8192, 'data_extraction'],
  classifier_agent: [L, 0.2, 2048, 'classification'],
  remediation_agent: [S, 0.5, 4096, 'reasoning'],
  report_agent: [S, 0.7, 8192, 'text_generation'],
  admin_classifier_agent: [L, 0.1, 1024, 'classification'],
  admin_executor_agent: [S, 0.3, 4096, 'reasoning'],
  parser_agent: [L, 0.1, 2048, 'text_analysis'],
  writer_agent: [S, 0.7, 4096, 'text_generation'],
  editor_agent: [S, 0.7, 8192, 'text_generation'],
  style_keeper_agent: [S, 0.5, 4096, 'text_analysis'],
  support_context_agent: [T, 0.3, 4096, 'text_analysis'],
  support_answer_agent: [S, 0.7, 4096, 'text_generation'],
  support_analytics_agent: [F, 0.2, 4096, 'text_analysis'],
};
/** Longer than it takes to send four requests. */
const LATENCY_MS = 1_500;
const WITHIN_MS = 45_000;

const redis = new Redis(inject('redisSocket'));
const dir = mkdtempSync(join(tmpdir(), 'devteam-wire-'));
let mock: MockUpstream;
let shipped: TestNode;
/** The same, but its models take a temperature. */
let sampling: TestNode;

beforeAll(async () => {
  mock = await startMockUpstream();
  const config = join(dir, 'sampling.yaml');
  writeFileSync(
    config,
    readFileSync(SHIPPED, 'utf8').replaceAll('supports_sampling: false', 'supports_sampling: true'),
  );
  const start = (LLM_CONFIG_PATH: string) =>
    TestNode.start({
      socketPath: inject('redisSocket'),
      namespace: freshNamespace(),
      env: { ...mockEnv(mock.url), THREADS: '1', LLM_RETRY_BASE_DELAY_S: '0', LLM_CONFIG_PATH },
    });
  [shipped, sampling] = await Promise.all([start(SHIPPED), start(config)]);
}, 60_000);
afterAll(async () => {
  await Promise.all([shipped.stop(), sampling.stop()]);
  await mock.close();
  redis.disconnect();
  rmSync(dir, { recursive: true });
});

async function play(on: TestNode, team: TeamId, pattern: 'sequential' | 'parallel') {
  const request = aRun(team, { pattern });
  const { run_id } = request.payload;
  await on.platform.publisher.publish(request);
  const read = () => readRun(redis, on.platform.keys, team, run_id);
  await eventually(
    `the run of ${team} ends`,
    async () => ['completed', 'failed'].includes((await read())?.value ?? ''),
    WITHIN_MS,
  );
  const found = await read();
  expect([found?.value, found?.run?.error ?? null]).toEqual(['completed', null]);
  return found?.run;
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of three wires
type Body = any;

const purposes = new Map(
  teams.flatMap(({ members }) => Object.entries(members).map(([agent, { purpose }]) => [agent, purpose] as const)),
);
const agentOf = ({ body }: Call): string =>
  [...purposes].find(([, purpose]) => JSON.stringify(body).includes(JSON.stringify(purpose).slice(1, -1)))?.[0] ?? '?';

/** What a request says, whatever its wire. */
function said({ wire, model, body }: Call) {
  const of = body as Body;
  if (wire === 'anthropic') {
    const { format } = of.output_config ?? {};
    return {
      wire,
      model,
      maxTokens: of.max_tokens,
      temperature: of.temperature,
      demands: format?.type,
      schema: format?.schema,
    };
  }
  if (wire === 'openai') {
    const { response_format: format } = of;
    return {
      wire,
      model,
      maxTokens: of.max_completion_tokens,
      temperature: of.temperature,
      demands: format?.type,
      schema: format?.json_schema?.schema,
    };
  }
  const { generationConfig: config } = of;
  return {
    wire,
    model,
    maxTokens: config.maxOutputTokens,
    temperature: config.temperature,
    demands: config.responseMimeType,
    schema: config.responseJsonSchema,
  };
}

const DEMANDS = { anthropic: 'json_schema', openai: 'json_schema', google: 'application/json' } as const;
const expectedOf = (takesTemperature: boolean) =>
  Object.entries(AGENTS).map(([agent, [model, temperature, maxTokens]]) => {
    const wire = WIRES[model];
    return [
      agent,
      { wire, model, maxTokens, temperature: takesTemperature ? temperature : undefined, demands: DEMANDS[wire] },
    ];
  });
const byName = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]));

async function playAll(on: TestNode) {
  mock.reset();
  await Promise.all((Object.keys(TEAMS) as TeamId[]).map((team) => play(on, team, 'sequential')));
  return mock.calls.map((call) => {
    const { schema, ...rest } = said(call);
    return { agent: agentOf(call), rest, schema, body: JSON.stringify(call.body) };
  });
}

describe('each agent of the shipped teams', { timeout: WITHIN_MS }, () => {
  it('asks its own provider and model once, within its own limit, for an answer of its own shape, and without a temperature that the model refuses', async () => {
    const asked = await playAll(shipped);
    expect(asked.map(({ agent, rest }) => [agent, rest]).sort(byName)).toEqual(expectedOf(false).sort(byName));
    for (const { agent, schema, body } of asked) {
      const fields = Object.keys(
        teams.find(({ members }) => agent in members)?.members[agent]?.output.properties ?? {},
      );
      expect(Object.keys((schema as Body).properties), agent).toEqual(fields);
      expect(body.match(/You are the \w+ agent of a team/g), agent).toHaveLength(1);
    }
    const usage = await readLedger(redis, shipped.platform.keys, [new Date().toISOString().slice(0, 10)]);
    expect(
      usage
        .map(({ agent, provider, model, taskType, counts }) => [agent, provider, model, taskType, counts.requests])
        .sort(byName),
    ).toEqual(
      Object.entries(AGENTS)
        .map(([agent, [model, , , taskType]]) => [agent, WIRES[model], model, taskType, 1])
        .sort(byName),
    );
    const billed = usage.reduce((sum, { counts }) => sum + counts.inputTokens + counts.outputTokens, 0);
    expect(billed).toBe(mock.billed().inputTokens + mock.billed().outputTokens);
  });

  it('sends its temperature where the model takes one', async () => {
    const asked = await playAll(sampling);
    expect(asked.map(({ agent, rest }) => [agent, rest]).sort(byName)).toEqual(expectedOf(true).sort(byName));
  });
});

describe('over the wire', () => {
  it('the members of a parallel run are asked at the same time, and the last when all have answered', async () => {
    mock.reset();
    mock.script([{ do: { latencyMs: LATENCY_MS } }]);
    const ended = play(shipped, 'analysis_team', 'parallel');
    const open = () => mock.calls.filter(({ finished }) => !finished).map(agentOf);
    await eventually('four requests are open', () => open().length === 4);
    expect(open().sort()).toEqual(ANALYSTS.slice(0, 4).toSorted());
    mock.script([]);
    const run = await ended;
    expect(mock.calls.map(agentOf).at(-1)).toBe('report_agent');
    expect(run?.steps.map(({ status }) => status)).toEqual(Array(5).fill('COMPLETED'));
  });

  it('an answer of the wrong shape is asked for once more, with what is wrong named, and what comes then is kept', async () => {
    mock.reset();
    mock.script([{ times: 1, do: { text: '{"intent": "unclear"}' } }]);
    const run = await play(shipped, 'email_team', 'sequential');
    const [first, second] = mock.calls.map(({ body }) => JSON.stringify(body));
    expect(mock.calls.map(agentOf)).toEqual(['parser_agent', 'parser_agent', 'writer_agent']);
    expect(first).not.toContain('does not have the required shape');
    expect(second).toMatch(/does not have the required shape.*\/intent must be object/);
    expect(run?.memory.token_usage.agents.parser_agent?.requests).toBe(1);
  });

  it('a well-formed answer in a fence is kept as it is', async () => {
    mock.reset();
    const outline = { sections: [], structure_type: 'technical' };
    const edited = {
      edited_content: 'It works again.',
      outline,
      changes_made: [],
      suggestions: [],
      readability_score: 'elementary',
    };
    const text = `\`\`\`json\n${JSON.stringify({ ...edited, word_count: { original: 1, edited: 1 } })}\n\`\`\``;
    mock.script([{ times: 1, do: { text } }]);
    const run = await play(shipped, 'writing_team', 'sequential');
    expect(mock.calls.map(agentOf)).toEqual(['editor_agent', 'style_keeper_agent']);
    expect(run?.steps[0]?.output).toMatchObject(edited);
  });

  it('leaves nothing behind (I1, I2, I8, I9)', async () => {
    const { keys, actors } = shipped.platform;
    await eventually('all work is done', async () => Object.keys(await openWork(redis, keys)).length === 0);
    const orchestrator = actors.get('orchestrator') as never;
    expect(await findings({ redis, keys, orchestrator, maxAttempts: 5 })).toEqual([]);
  });
});
