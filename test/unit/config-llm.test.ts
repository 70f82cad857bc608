// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file has references of its own in this form
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { PROVIDERS } from '../../src/llm/chat.ts';
import { llmConfig, llmProblems, llmSettings, machineWith } from '../support/llm-settings.ts';

const PATH = '/app/llm_config.yaml';
/** Problems of the file, without its name. */
const problems = (file?: unknown, env: Record<string, string> = {}) =>
  llmProblems(file, env).map((problem) => problem.replace('llm_config.yaml: ', ''));
const openai = (entry: object) => ({ providers: { openai: entry } });

describe('the file that is read', () => {
  const pathWith = (files: string[], env: Record<string, string> = {}) => {
    const machine = machineWith(Object.fromEntries(files.map((file) => [file, ''])));
    const parsed = parseConfig(env, { machine });
    return 'config' in parsed ? parsed.config.llm.configPath : parsed.problems;
  };

  it('is the named one, else the one in config, else the one here, else the shipped one', () => {
    const [named, inConfig, here] = ['/app/mine.yaml', '/app/config/llm_config.yaml', PATH];
    expect(pathWith([named, inConfig, here], { LLM_CONFIG_PATH: 'mine.yaml' })).toBe(named);
    expect(pathWith([inConfig, here])).toBe(inConfig);
    expect(pathWith([here])).toBe(here);
    expect(pathWith([])).toBeNull();
  });

  it('must be there if it is named', () => {
    expect(pathWith([], { LLM_CONFIG_PATH: 'mine.yaml' })).toEqual(['LLM_CONFIG_PATH="mine.yaml": no such file']);
  });

  it('may be empty: then it says what the shipped one says', () => {
    expect(llmSettings('')).toEqual(llmSettings());
    expect(llmSettings('# nothing\n')).toEqual(llmSettings());
    expect(llmSettings('global:\nproviders:\n  openai:\n    settings:\n')).toEqual(llmSettings());
  });
});

describe('the shipped file', () => {
  const { providers, agentOverrides, taskTypeOverrides, ...settings } = llmSettings();

  it('gives the documented defaults', () => {
    expect(settings).toEqual({
      testMode: true,
      testScriptPath: null,
      logPrompts: false,
      defaultProvider: 'anthropic',
      fallbackOrder: ['anthropic', 'openai', 'google', 'local'],
      timeoutMs: 120_000,
      retryBaseDelayMs: 1000,
      retryMaxDelayMs: 30_000,
      cacheEnabled: true,
      cacheTtlMs: 3_600_000,
      cacheMaxBytes: 268_435_456,
      defaultTemperature: 0.7,
      defaultMaxTokens: 4096,
      loggingEnabled: true,
      logLevel: 'INFO',
      testPrices: [{ validFromMs: null, price: expect.objectContaining({ inputPer1k: 0, outputPer1k: 0 }) }],
      testLimits: { contextWindowTokens: 1_000_000, requestsPerMinute: 0, tokensPerMinute: 0 },
      rateLimiting: {
        enabled: true,
        providers: {
          anthropic: { requestsPerMinute: 60, tokensPerMinute: 100_000 },
          openai: { requestsPerMinute: 60, tokensPerMinute: 150_000 },
          google: { requestsPerMinute: 60, tokensPerMinute: 120_000 },
          local: { requestsPerMinute: 100, tokensPerMinute: 1_000_000 },
        },
      },
      costs: {
        enabled: true,
        dailyBudgetUsd: 100,
        monthlyBudgetUsd: 2000,
        projectBudgetUsd: 0,
        agentDailyBudgetsUsd: {},
        alertAtPercentage: 80,
        trackByAgent: true,
        trackByTaskType: true,
        trackByProject: true,
      },
    });
    expect(providers.local).toMatchObject({ enabled: false, baseUrl: null, timeoutMs: 300_000, maxRetries: 2 });
    expect(providers.anthropic).toMatchObject({
      enabled: true,
      apiKey: null,
      baseUrl: 'https://api.anthropic.com',
      apiVersion: '2023-06-01',
      timeoutMs: 120_000,
      maxRetries: 3,
      connectTimeoutMs: 5000,
      firstTokenTimeoutMs: 15_000,
      responseTimeoutMs: 45_000,
      idleTimeoutMs: 15_000,
      maxConcurrency: 32,
      safetySettings: {},
    });
    expect(providers.google.safetySettings).toEqual({
      harassment: 'BLOCK_MEDIUM_AND_ABOVE',
      hate_speech: 'BLOCK_MEDIUM_AND_ABOVE',
      sexually_explicit: 'BLOCK_MEDIUM_AND_ABOVE',
      dangerous_content: 'BLOCK_MEDIUM_AND_ABOVE',
    });
  });

  it('says nothing beside models and overrides that would not hold without it', () => {
    const text = readFileSync('config/llm_config.yaml', 'utf8');
    const bare = text
      .replace(/^global:[\s\S]*?(?=^providers:)|^rate_limiting:[\s\S]*/gm, '')
      .replace(/^ {4}settings:.*\n( {6}.*\n)+/gm, '');
    expect(bare.length).toBeLessThan(text.length - 2000);
    expect(llmSettings(bare)).toEqual(llmSettings());
  });

  it('overrides what each kind of work and each agent gets', () => {
    expect(Object.keys(taskTypeOverrides)).toHaveLength(8);
    expect(Object.keys(agentOverrides)).toHaveLength(18);
    expect(agentOverrides.support_context_agent).toEqual({
      provider: 'openai',
      model: 'gpt-6.1-terra',
      temperature: 0.3,
      maxTokens: 4096,
    });
  });

  it('keeps every retired id as an alias of a model there is', () => {
    const count = (name: keyof typeof providers) => Object.keys(providers[name].aliases).length;
    expect([count('anthropic'), count('openai'), count('google'), count('local')]).toEqual([5, 7, 6, 0]);
  });
});

describe('what wins', () => {
  it('is the environment over the file over the default', () => {
    const file = {
      global: { default_provider: 'google', max_retries: 5, timeout_seconds: 60, cache_enabled: false },
      cost_tracking: { daily_budget: 7 },
    };
    const env = { LLM_DEFAULT_PROVIDER: 'openai', LLM_TIMEOUT_S: '30', LLM_DAILY_BUDGET_USD: '2.5' };
    expect(llmSettings(file)).toMatchObject({ defaultProvider: 'google', timeoutMs: 60_000, cacheEnabled: false });
    const settings = llmSettings(file, { ...env, LLM_CACHE_ENABLED: '1', LLM_RETRY_BASE_DELAY_S: '0.5' });
    expect(settings).toMatchObject({ defaultProvider: 'openai', timeoutMs: 30_000, cacheEnabled: true });
    expect([settings.costs.dailyBudgetUsd, settings.retryBaseDelayMs]).toEqual([2.5, 500]);
  });

  it('of the retries is the provider itself, then the environment, then the file as a whole', () => {
    const file = { global: { max_retries: 5 }, providers: { openai: { settings: { max_retries: 1 } } } };
    const retries = (env = {}) => {
      const { providers } = llmSettings(file, env);
      return PROVIDERS.map((name) => providers[name].maxRetries);
    };
    expect(retries()).toEqual([5, 1, 5, 2]);
    expect(retries({ LLM_MAX_RETRIES: '0' })).toEqual([0, 1, 0, 0]);
  });

  it('of the rate limits is one number for all providers', () => {
    const { providers } = llmSettings(
      { rate_limiting: { providers: { openai: { requests_per_minute: 5, tokens_per_minute: 6 } } } },
      { LLM_RATE_LIMIT_PER_MINUTE: '9' },
    ).rateLimiting;
    expect(Object.values(providers).map(({ requestsPerMinute }) => requestsPerMinute)).toEqual([9, 9, 9, 9]);
    expect(providers.openai.tokensPerMinute).toBe(6);
  });

  it('of test mode are its own, but for the number that is about whoever is asked', () => {
    const limits = { requests_per_minute: 5, tokens_per_minute: 6 };
    const file = {
      providers: { test: { models: { 'test-1': { context_window: 7 } } } },
      rate_limiting: { providers: { test: limits, openai: { requests_per_minute: 8 } } },
    };
    const own = { contextWindowTokens: 7, requestsPerMinute: 5, tokensPerMinute: 6 };
    expect(llmSettings(file).testLimits).toEqual(own);
    const { testLimits } = llmSettings(file, { LLM_RATE_LIMIT_PER_MINUTE: '9' });
    expect(testLimits).toEqual({ ...own, requestsPerMinute: 9 });
  });

  it('of the order of providers may call google gemini, and counts each once', () => {
    expect(llmSettings(undefined, { LLM_PROVIDER_ORDER: 'gemini, local,google' }).fallbackOrder).toEqual([
      'google',
      'local',
    ]);
  });

  it.each([
    ['models', 'are those of the file alone', openai({ models: { mine: {} } }), ['mine'], 'mine'],
    [
      'an absent default model',
      'is the shipped one while it is listed',
      openai({ models: { a: {}, 'gpt-6.1-terra': {} } }),
      ['a', 'gpt-6.1-terra'],
      'gpt-6.1-terra',
    ],
  ])('of %s %s', (_, __, file, models, defaultModel) => {
    const { openai: provider } = llmSettings(file).providers;
    expect([Object.keys(provider.models), provider.defaultModel]).toEqual([models, defaultModel]);
  });

  it('leaves nothing that names a shipped model which is gone', () => {
    const settings = llmSettings(openai({ models: { mine: {} }, aliases: { old: 'mine' } }));
    expect(settings.providers.openai.aliases).toEqual({ old: 'mine' });
    expect(settings.taskTypeOverrides.reasoning).toEqual({ temperature: 1, maxTokens: 16_384 });
  });

  it('of aliases is both, of overrides the file alone', () => {
    const settings = llmSettings({
      ...openai({ aliases: { cheap: 'gpt-6-luna' } }),
      agent_overrides: { dev_worker: { max_tokens: 9 } },
    });
    expect(settings.providers.openai.aliases).toMatchObject({ cheap: 'gpt-6-luna', 'gpt-4o': 'gpt-6.1-terra' });
    expect(settings.agentOverrides).toEqual({ dev_worker: { maxTokens: 9 } });
    expect(Object.keys(settings.taskTypeOverrides)).toHaveLength(8);
  });

  it('of a model without a word is the default of each key', () => {
    expect(llmSettings(openai({ models: { mine: null } })).providers.openai.models.mine).toEqual({
      maxTokens: 4096,
      temperature: null,
      contextWindowTokens: 8192,
      supportsVision: false,
      supportsTools: false,
      supportsSampling: true,
      supportsPrefill: true,
      supportsForcedTools: true,
      reasoningOutsideMaxTokens: false,
      maxReasoningTokens: 0,
      prices: [],
    });
  });
});

describe('the order of providers', () => {
  it('is that of the file, then that of the shipped one', () => {
    const order = (file?: unknown) => Object.keys(llmSettings(file).providers);
    expect(order()).toEqual(['anthropic', 'openai', 'google', 'local']);
    expect(order({ global: {} })).toEqual(['anthropic', 'openai', 'google', 'local']);
    expect(order({ providers: { local: {}, test: {}, google: null } })).toEqual([
      'local',
      'google',
      'anthropic',
      'openai',
    ]);
  });
});

describe('ids of models', () => {
  const expected = 'expected up to 200 printable ASCII characters without blanks';
  it.each([
    [{ models: { modèle: {} } }, 'providers.openai.models."modèle"'],
    [{ models: { 'my model': {} } }, 'providers.openai.models."my model"'],
    [{ models: { ['m'.repeat(201)]: {} } }, /^providers\.openai\.models\."m+…?"$/],
    [{ models: { m: {} }, aliases: { ä: 'm' } }, 'providers.openai.aliases."ä"'],
  ])('are refused if they cannot stand in a header: %j', (entry, path) => {
    const [first, ...others] = problems({ ...openai(entry), agent_overrides: {}, task_type_overrides: {} });
    expect(first?.slice(first.indexOf(': expected') + 2)).toBe(expected);
    expect(first?.slice(0, first.indexOf(': expected'))).toEqual(
      typeof path === 'string' ? path : expect.stringMatching(path),
    );
    expect(others).toEqual([]);
  });

  it('may hold all else', () => {
    const ids = ['org/Model-1.5:8b@q4_K', 'm'.repeat(200), '~!"#$%&()'];
    const { models } = llmSettings(openai({ models: Object.fromEntries(ids.map((id) => [id, {}])) })).providers.openai;
    expect(Object.keys(models)).toEqual(ids);
  });
});

describe('a provider', () => {
  it('that is local has the port of its server, and no /v1 at its end', () => {
    const local = (entry: object, env = {}) => llmSettings({ providers: { local: entry } }, env).providers.local;
    expect(local({ enabled: true }).baseUrl).toBe('http://127.0.0.1:11434');
    expect(local({ enabled: true, server_type: 'lmstudio' }).baseUrl).toBe('http://127.0.0.1:1234');
    expect(local({ enabled: true }, { LOCAL_LLM_SERVER_TYPE: 'vllm' }).baseUrl).toBe('http://127.0.0.1:8000');
    expect(local({ enabled: false }, { LOCAL_LLM_URL: 'http://gpu:9/v1/' })).toMatchObject({
      enabled: true,
      baseUrl: 'http://gpu:9',
    });
  });

  it('that is left without models is not there', () => {
    const machine = { ...machineWith(), readText: () => 'providers: {anthropic: {models: {m: }}}\nagent_overrides:\n' };
    const parsed = parseConfig({}, { machine });
    expect('config' in parsed && parsed.config.llm.settings.providers.openai).toMatchObject({
      enabled: false,
      models: {},
      defaultModel: '',
    });
  });
});

describe('test mode', () => {
  it.each([
    ['without any key', {}, true],
    ['with a key of the environment', { OPENAI_API_KEY: 'k' }, false],
    ['with a local server', { LOCAL_LLM_URL: 'http://127.0.0.1:1' }, false],
    ['said to be on', { OPENAI_API_KEY: 'k', LLM_TEST_MODE: 'true' }, true],
    ['said to be off', { LLM_TEST_MODE: 'false' }, false],
  ])('%s', (_, env, testMode) => {
    expect(llmSettings(undefined, env).testMode).toBe(testMode);
  });

  it('is off with a key or a local server in the file', () => {
    expect(llmSettings(openai({ api_key: 'k' })).testMode).toBe(false);
    expect(llmSettings({ providers: { local: { enabled: true } } }).testMode).toBe(false);
  });
});

describe('variables in the file', () => {
  const model = (text: string, env = {}) =>
    llmSettings(`providers: {openai: {organization_id: "${text}"}}`, env).providers.openai.organizationId;

  it('are put into every text, also several, with what stands in for them', () => {
    expect(model('a-${ORG}-b-${NO:-x}${NO}', { ORG: 'o' })).toBe('a-o-b-x');
    expect(model('${ORG:-x}', { ORG: ' ' })).toBe('x');
    expect(model('${NO}')).toBeNull();
  });

  it('stand for numbers and booleans too', () => {
    const file = 'global: {max_retries: "${N:-4}", cache_enabled: "${C:-FALSE}", default_temperature: "${T}"}';
    const settings = llmSettings(file, { T: '0.5' });
    expect([settings.providers.openai.maxRetries, settings.cacheEnabled, settings.defaultTemperature]).toEqual([
      4,
      false,
      0.5,
    ]);
    expect(problems(file, { N: '4x' })).toEqual(['global.max_retries="${N:-4}": expected an integer from 0 to 10']);
  });

  it('stand for elements of lists; one that comes to nothing is not there', () => {
    const order = (list: string, env = {}) => llmSettings(`global: {fallback_order: ${list}}`, env).fallbackOrder;
    expect(order('["${FIRST}", openai, "${NO}", "${LAST:-local}"]', { FIRST: 'google' })).toEqual([
      'google',
      'openai',
      'local',
    ]);
    expect(order('["${NO}"]')).toEqual(['anthropic', 'openai', 'google', 'local']);
    expect(problems('global: {fallback_order: ["${FIRST}"]}', { FIRST: 'azure' })).toEqual([
      expect.stringMatching(/^global\.fallback_order=a list: expected /),
    ]);
    expect(problems('global: {fallback_order: [openai, "${FIRST"]}')).toEqual([
      expect.stringMatching(/^global\.fallback_order=a list: a \$ /),
    ]);
  });

  it('are refused when they are not written as such', () => {
    expect(problems('global: {log_level: "${LEVEL"}')).toEqual([
      expect.stringMatching(/^global\.log_level="\$\{LEVEL": a \$/),
    ]);
  });
});

describe('keys', () => {
  it('of the file are kept secret like those of the environment, which win', () => {
    const file = { providers: { openai: { api_key: 'in-the-file' }, google: { api_key: '${MINE}' } } };
    const { settings, secrets } = llmConfig(file, { MINE: 'by-name', GEMINI_API_KEY: 'own' });
    expect([settings.providers.openai.apiKey, settings.providers.google.apiKey]).toEqual(['in-the-file', 'own']);
    expect(secrets.toSorted()).toEqual(['in-the-file', 'own']);
    expect(llmConfig(file, { MINE: 'by-name' }).secrets).toContain('by-name');
  });

  it('are in no problem, wherever they were written', () => {
    const secret = 'sk-SECRET';
    for (const file of [
      `providers: {openai: {api_key: "${secret} x"}}`,
      `providers: {openai: {api_key: [${secret}]}}`,
      `providers: {openai: {base_url: "http://u:${secret}@h"}}`,
      `providers:\n  openai:\n    api_key: "${secret}\\q"\n`,
      `providers:\n  openai:\n    api_key: *${secret}\n`,
      `providers:\n  openai:\n    api_key: ${secret}: x\n`,
      `providers: {openai: {api_key: ${secret}}\n`,
      `providers:\n  openai: !${secret} {}\n`,
    ]) {
      const told = problems(file).join('\n');
      expect(told).not.toBe('');
      expect(told).not.toContain('SECRET');
    }
    const given = problems('providers: {openai: {default_model: "${OPENAI_API_KEY}", models: 5}}', {
      OPENAI_API_KEY: secret,
    });
    expect(given.join('\n')).not.toContain('SECRET');
  });
});

describe('problems', () => {
  it('I11: are all told at once, with those of the environment, each with its path', () => {
    const file = {
      globl: {},
      global: { max_retries: 11, default_provider: 'azure', fallback_order: ['openai', 'openai'] },
      providers: { openai: { api_kye: 'x', api_version: '1', models: { m: { max_tokens: '5' } } }, gemini: {} },
      task_type_overrides: { reasoning: { model: 'gpt-9' } },
    };
    expect(llmProblems(file, { LLM_TIMEOUT_S: '0' })).toEqual([
      'LLM_TIMEOUT_S="0": expected an integer from 1 to 600',
      'llm_config.yaml: global.default_provider="azure": expected one of anthropic, openai, google, local',
      'llm_config.yaml: global.fallback_order=a list: expected a list of different names out of anthropic, openai, google, local',
      'llm_config.yaml: global.max_retries=11: expected an integer from 0 to 10',
      'llm_config.yaml: providers.openai.models.m.max_tokens="5": expected an integer from 1 to 100000000',
      expect.stringMatching(
        /^llm_config\.yaml: globl: is not known here; known: agent_overrides, cost_tracking, global, /,
      ),
      expect.stringMatching(/^llm_config\.yaml: providers\.gemini: is not known here/),
      expect.stringMatching(/^llm_config\.yaml: providers\.openai\.api_kye: is not known here/),
      expect.stringMatching(/^llm_config\.yaml: providers\.openai\.api_version: is not known here/),
      'llm_config.yaml: task_type_overrides.reasoning.model="gpt-9": no provider lists it',
    ]);
  });

  it.each([
    ['global: [1]', 'global=a list: expected a mapping'],
    ['- 1', 'expected a mapping of sections'],
    ['global:\n  log_level: INFO\n  log_level: WARN\n', 'line 3: the key is there twice'],
    ['global:\n\tlog_level: INFO\n', 'line 2: Tabs are not allowed as indentation'],
    ['a: &a [x, x]\nb: &b [*a, *a]\nc: *d\n', 'Unresolved alias (the anchor must be set before the alias)'],
    [`# ${'x'.repeat(1_048_576)}`, 'is larger than 1048576 bytes'],
    ['global: {default_temperature: .nan}', 'global.default_temperature=NaN: expected a number from 0 to 2'],
    ['global: {cache_enabled: "true"}', 'global.cache_enabled="true": expected true or false'],
    ['global: {default_temperature: -1}', 'global.default_temperature=-1: expected a number from 0 to 2'],
    [
      'providers: {openai: {base_url: "http://api.openai.com/v1"}}',
      'providers.openai.base_url=<set, 24 characters>: expected a URL https://',
    ],
    [
      'providers: {google: {settings: {safety_settings: {harassment: NONE}}}}',
      'providers.google.settings.safety_settings.harassment="NONE": expected one of OFF',
    ],
    ['providers: {openai: {default_model: m}}', 'providers.openai.default_model="m": is not among its models'],
    ['providers: {openai: {aliases: {old: m}}}', 'providers.openai.aliases.old="m": is not among its models'],
    ['providers: {openai: {aliases: {gpt-6-luna: gpt-6.1-sol}}}', 'gpt-6-luna is a model itself'],
    [
      'agent_overrides: {a: {provider: google, model: gpt-6-luna}}',
      'agent_overrides.a.model="gpt-6-luna": google does not list it',
    ],
    ['agent_overrides: {a: {model: constructor}}', 'agent_overrides.a.model="constructor": no provider lists it'],
    ['agent_overrides: {a: 5}', 'agent_overrides.a=5: expected a mapping'],
    [
      'cost_tracking: {agent_daily_budgets: {a: -1}}',
      'cost_tracking.agent_daily_budgets.a=-1: expected a number from 0',
    ],
    [
      'providers: {test: {models: {test-1: {max_tokens: 5}}}}',
      'providers.test.models.test-1.max_tokens: is not known here',
    ],
  ])('%s is one', (file, problem) => {
    expect(problems(file)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    [{ cost_per_1k_input_tokens: -0.1 }, '.cost_per_1k_input_tokens=-0.1: expected a number from 0 to 1000'],
    [{ cost_per_1k_input_tokens: 1e-13 }, '.cost_per_1k_input_tokens=1e-13: expected a number'],
    [{ prices: [{ valid_from: '2026-02-30' }] }, '.prices[0].valid_from: is no date of the calendar'],
    [{ prices: [{ valid_from: 'soon' }] }, '.prices[0].valid_from="soon": expected a date'],
    [
      { prices: [{ valid_from: '2026-01-01' }, { valid_from: '2026-01-01T00:00Z' }] },
      '.prices[1].valid_from: another price is valid from the same time',
    ],
    [{ prices: [{}, {}] }, '.prices[1].valid_from: another price is valid from the same time'],
    [{ cost_per_1k_input_tokens: 1, prices: [{}] }, '.cost_per_1k_input_tokens: stands beside prices'],
    [{ long_context: { input_factor: 2 } }, '.long_context.above_input_tokens: is missing'],
    [
      { long_context: { above_input_tokens: 1, input_factor: 0.5 } },
      '.long_context.input_factor=0.5: expected a number from 1 to 100',
    ],
  ])('of a model are prices such as %j', (model, problem) => {
    const file = openai({ models: { 'gpt-6.1-terra': model } });
    expect(problems(file)).toEqual([expect.stringContaining(`providers.openai.models.gpt-6.1-terra${problem}`)]);
  });

  it('arise from no default provider without models', () => {
    const machine = { ...machineWith(), readText: () => 'global: {}' };
    expect(parseConfig({}, { machine })).toEqual({
      problems: [expect.stringContaining('providers.anthropic.models: lists none, but it is the default provider')],
    });
  });

  it('arise from addresses in the environment that would send keys in the clear', () => {
    expect(problems(undefined, { OPENAI_BASE_URL: 'http://example.org/v1' })).toEqual([
      'OPENAI_BASE_URL=<set, 21 characters>: expected a URL https:// (http:// only for this machine) without user, query and fragment',
    ]);
    expect(problems(undefined, { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', LOCAL_LLM_URL: 'http://gpu:9' })).toEqual(
      [],
    );
  });

  it('are one short line each, whatever the file', () => {
    const leaf = fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant(null));
    const key = fc.oneof(
      fc.constantFrom(
        'global',
        'providers',
        'openai',
        'models',
        'settings',
        'agent_overrides',
        'prices',
        'api_key',
        '__proto__',
      ),
      fc.string({ unit: 'binary' }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
        fc.array(tie('tree'), { maxLength: 2 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree), (file) => {
        for (const problem of llmProblems(JSON.stringify(file))) expect(problem).toMatch(/^[^\n\r]{1,1500}$/);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const problem of llmProblems(text)) expect(problem).toMatch(/^[^\n\r]{1,1500}$/);
      }),
    );
  });
});
