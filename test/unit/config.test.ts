import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Machine } from '../../src/config/env.ts';
import { thisMachine } from '../../src/config/machine.ts';
import { type Config, parseConfig } from '../../src/config.ts';
import { machineWith } from '../support/llm-settings.ts';

const files: Record<string, string> = { '/run/key': 'from-a-file\n', '/run/crlf': 'two\r\n\r\n', '/run/empty': '\n' };
const machine: Machine = {
  hostName: 'host 1',
  pid: 42,
  cores: 4,
  cwd: '/app',
  homeDir: '/home/u',
  packageDir: '/package/',
  readText: machineWith(files).readText,
  problemWith: (path) => (path.includes('missing') || path.endsWith('.yaml') ? 'no such file' : null),
};

function config(env: Record<string, string>): Config {
  const parsed = parseConfig(env, { machine });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
}

function problems(env: Record<string, string>, knownRoles?: string[]): readonly string[] {
  const parsed = parseConfig(env, { machine, knownRoles });
  return 'problems' in parsed ? parsed.problems : [];
}

const sha = 'ab'.repeat(32);

describe('an empty environment', () => {
  it('gives the documented defaults', () => {
    expect(config({})).toEqual({
      process: {
        threads: 3,
        roles: null,
        instanceId: 'host-1-42',
        logLevel: 'INFO',
        shutdownGraceMs: 10_000,
        restartLimitPerMinute: 5,
        threadMaxHeapMb: 512,
        schemaDir: '/package/schemas',
      },
      http: {
        host: '127.0.0.1',
        apiPort: 3000,
        llmGatewayPort: 8000,
        orderIntakePort: 8080,
        apiKeys: [],
        corsOrigins: [],
        trustedProxies: 0,
        rateLimitPerMinute: 100,
        orderRateLimitPerMinute: 30,
        maxBodyBytes: 1_048_576,
        maxUploadBytes: 10_485_760,
        waitMs: 2000,
        requestTimeoutMs: 30_000,
      },
      redis: {
        address: null,
        commandTimeoutMs: 5000,
        embedded: {
          dataDir: '/app/storage/redis',
          binary: null,
          searchPath: '',
          cacheDirs: ['/home/u/.cache/devteam', '/app/storage/cache'],
        },
      },
      bus: {
        namespace: 'audit',
        keyPrefix: 'audit',
        logStream: 'audit:events',
        dlqStream: 'audit:dlq',
        tracePrefix: 'audit:trace',
        metricsPrefix: 'audit:metrics',
        idempotencePrefix: 'audit:processed',
        ordersPrefix: 'audit:orders',
        validationSetKey: 'audit:orders:pending_validation',
        blockMs: 2000,
        readCount: 64,
        idleReclaimMs: 60_000,
        reclaimCount: 50,
        nodeLeaseMs: 1500,
        maxAttempts: 5,
        retryBaseMs: 500,
        retryMaxMs: 60_000,
        dedupeTtlMs: 86_400_000,
        lockTtlMs: 120_000,
        maxEventBytes: 4_194_304,
      },
      orchestration: { planner: 'rules', workerTimeoutMs: 300_000, dodMaxMinutes: 480, ingestMaxRows: 100_000 },
      storage: {
        dir: '/app/storage',
        ledgerDir: '/app/storage/audit_log',
        artifactTtlMs: 604_800_000,
        exportLockTtlMs: 120_000,
        logRetentionDays: 0,
        dlqMaxEntries: 10_000,
        logsMaxEntries: 100_000,
        traceMaxEntries: 10_000,
        dlqAlertPerHour: 10,
      },
      // config-llm.test.ts
      llm: expect.any(Object),
      secrets: [],
    });
  });

  it('gives at least one thread on a machine with one core', () => {
    const parsed = parseConfig({}, { machine: { ...machine, cores: 1 } });
    expect('config' in parsed && parsed.config.process.threads).toBe(1);
  });

  it('is what empty variables are', () => {
    expect(config({ THREADS: '', ROLES: ' ', REDIS_URL: '', API_KEYS: '', API_KEYS_FILE: '' })).toEqual(config({}));
  });

  it('gives a configuration that cannot be changed and can be cloned', () => {
    const given = config({ CORS_ORIGINS: 'https://a.example' });
    expect(() => (given.http.corsOrigins as string[]).push('https://b.example')).toThrow(TypeError);
    expect(structuredClone(given)).toEqual(given);
  });
});

describe('values', () => {
  it('are read by type', () => {
    const given = config({
      THREADS: ' 2 ',
      ROLES: 'cost_worker, orchestrator ,cost_worker',
      LOG_LEVEL: 'warn',
      REDIS_HOST: 'cache',
      REDIS_TLS: 'TRUE',
      CORS_ORIGINS: 'https://a.example,http://localhost:5173',
      STORAGE_DIR: 'data',
    });
    expect(given.process).toMatchObject({ threads: 2, roles: ['cost_worker', 'orchestrator'], logLevel: 'WARN' });
    expect(given.redis.address).toEqual({ host: 'cache', port: 6379, db: 0, tls: true });
    expect(given.http.corsOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
    expect(given.storage.ledgerDir).toBe('/app/data/audit_log');
  });

  it.each([
    ['PORT', 'API_PORT', (c: Config) => c.http.apiPort],
    ['XREAD_BLOCK_MS', 'BLOCK_MS', (c: Config) => c.bus.blockMs],
    ['PENDING_RECLAIM_MIN_IDLE_MS', 'IDLE_RECLAIM_MS', (c: Config) => c.bus.idleReclaimMs],
  ])('of the old name %s count only while %s is unset', (old, name, pick) => {
    expect([pick(config({ [old]: '4000' })), pick(config({ [old]: '4000', [name]: '5000' }))]).toEqual([4000, 5000]);
  });

  it.each([
    ['APP_NAMESPACE', 'namespace', 'other'],
    ['IDEMPOTENCE_TTL_S', 'dedupeTtlMs', 100_000],
  ] as const)('of the old name %s are read', (old, field, value) => {
    expect(config({ [old]: field === 'namespace' ? 'other' : '100' }).bus[field]).toBe(value);
  });

  it('all lets every role run, also beside others', () => {
    expect(config({ ROLES: 'cost_worker,all' }).process.roles).toBeNull();
  });

  it('of the namespace lose their outer colons and are the start of every key', () => {
    const { bus } = config({ NAMESPACE: ':{a}:b:' });
    expect(bus).toMatchObject({ namespace: '{a}:b', keyPrefix: '{a}:b', logStream: '{a}:b:events' });
  });

  it('of REDIS_URL win over host and password', () => {
    expect(config({ REDIS_URL: 'rediss://r:1', REDIS_HOST: 'h', REDIS_PASSWORD: 'pppp' }).redis.address).toEqual({
      url: 'rediss://r:1',
    });
  });
});

describe('secrets', () => {
  it('come from a file with one trailing line break removed', () => {
    expect(config({ OPENAI_API_KEY_FILE: '/run/key' }).llm.settings.providers.openai.apiKey).toBe('from-a-file');
    expect(config({ OPENAI_API_KEY_FILE: '/run/crlf' }).llm.settings.providers.openai.apiKey).toBe('two\r\n');
  });

  it('are an error when given twice, from an empty file or from none', () => {
    expect(problems({ OPENAI_API_KEY: 'k', OPENAI_API_KEY_FILE: '/run/key' })).toEqual([
      'OPENAI_API_KEY_FILE="/run/key": OPENAI_API_KEY is set as well; only one of the two may be',
    ]);
    expect(problems({ REDIS_PASSWORD_FILE: '/run/empty' })).toEqual([
      'REDIS_PASSWORD_FILE="/run/empty": the file is empty',
    ]);
    expect(problems({ API_KEYS_FILE: '/run/none' })).toEqual(['API_KEYS_FILE="/run/none": cannot be read (ENOENT)']);
  });

  it('are listed for redaction, with the password of the Redis URL in both spellings', () => {
    const env = { REDIS_URL: 'redis://u:p%40ss@h:1', GOOGLE_API_KEY: 'gggg', API_KEYS: `ci:admin:${sha}` };
    expect(new Set(config(env).secrets)).toEqual(new Set([env.REDIS_URL, 'p%40ss', 'p@ss', 'gggg', env.API_KEYS, sha]));
    expect(config({ REDIS_URL: 'redis://h:1' }).secrets).toEqual([]);
  });

  it('are shown by their length only', () => {
    const shown = problems({ API_KEYS: 'ci:admin:s3cret', REDIS_URL: 'redis+tcp://u:s3cret@h' }).join('\n');
    expect(shown).toMatch(/API_KEYS=<set, 15 characters>: entry 1: expected/);
    expect(shown).toMatch(/REDIS_URL=<set, 22 characters>: expected a URL redis:\/\/ or rediss:\/\//);
    expect(shown).not.toContain('s3cret');
  });

  it('never appear in a problem, whatever is wrong with them', () => {
    const names = ['API_KEYS', 'REDIS_URL', 'REDIS_PASSWORD', 'OPENAI_API_KEY'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.stringMatching(/^[a-z:+]{0,5}SECRET[a-z:,+]{0,5}$/), (name, value) => {
        expect(problems({ [name]: value, THREADS: 'x' }).join('\n')).not.toContain('SECRET');
      }),
    );
  });
});

describe('API keys', () => {
  it('are entries by comma or line with scopes joined by plus', () => {
    const text = `ci:projects:read+projects:write:${sha},\n ops:admin:${sha.toUpperCase()}\n`;
    expect(config({ API_KEYS: text }).http.apiKeys).toEqual([
      { name: 'ci', scopes: ['projects:read', 'projects:write'], sha256: sha },
      { name: 'ops', scopes: ['admin'], sha256: sha },
    ]);
  });

  it.each([
    [`ci:nothing:${sha}`, 'entry 1: every scope must be one of'],
    [`ci:admin:${sha},ci:admin:${sha}`, 'entry 2: its name is used by an earlier entry'],
    [`CI:admin:${sha}`, 'entry 1: expected <name>'],
    [`ci::${sha}`, 'entry 1: expected <name>'],
    [`${'c'.repeat(33)}:admin:${sha}`, 'entry 1: expected <name>'],
    [`ci:admin:${sha}0`, 'entry 1: expected <name>'],
    [',', 'holds no entry'],
  ])('are refused as a whole: %s', (text, problem) => {
    const [first = '', ...others] = problems({ API_KEYS: text });
    expect([first, others.length]).toEqual([expect.stringContaining(problem), 0]);
  });
});

describe('problems', () => {
  it('are all told at once in the documented form', () => {
    expect(problems({ THREADS: 'zero', REDIS_URL: 'http://cache:6379', HOST: '0.0.0.0' })).toEqual([
      'REDIS_URL="http://cache:6379": expected a URL redis:// or rediss://',
      'THREADS="zero": expected an integer from 1 to 256',
      'HOST="0.0.0.0": without API_KEYS the server binds only to 127.0.0.1, ::1 or localhost',
    ]);
  });

  it.each([
    ['THREADS', '0', 'expected an integer from 1 to 256'],
    ['THREADS', '1e1', 'expected an integer from 1 to 256'],
    ['MAX_ATTEMPTS', '-1', 'expected an integer from 1 to 100'],
    ['REDIS_TLS', 'yes', 'expected true, false, 1 or 0'],
    ['LOG_LEVEL', 'TRACE', 'expected one of DEBUG, INFO, WARN, ERROR'],
    ['INSTANCE_ID', 'a b', 'expected 1 to 100 characters of A-Z a-z 0-9 . _ -'],
    ['ROLES', 'Bad Role', 'expected all, or a list of roles'],
    ['HOST', '::g:', 'expected an IP address or host name'],
    ['HOST', '::', 'without API_KEYS'],
    ['CORS_ORIGINS', '*', 'expected origins such as'],
    ['CORS_ORIGINS', 'https://a.example/path', 'expected origins such as'],
    ['NAMESPACE', '::', 'expected 1 to 64 characters'],
    ['NAMESPACE', 'a b', 'expected 1 to 64 characters'],
    ['STREAM_NAME', 'a b', 'expected 1 to 64 characters'],
    ['SCHEMA_BASE_DIR', 'missing', 'no such file'],
    ['EMBEDDED_REDIS_BIN', 'missing', 'no such file'],
    ['LLM_CONFIG_PATH', 'missing.yaml', 'no such file'],
    ['LLM_PROVIDER_ORDER', 'local,azure', 'expected a list of anthropic, openai, google, local'],
    ['LLM_DAILY_BUDGET_USD', '1,5', 'expected a number of at least 0, with at most 10 decimals'],
    ['LLM_RETRY_MAX_DELAY_S', '601', 'expected a number from 0 to 600'],
    ['OPENAI_BASE_URL', 'ftp://x', 'expected a URL http:// or https://'],
    ['LLM_GATEWAY_PORT', '3000', 'API_PORT is the same; the three ports must differ'],
    ['API_PORT', '8080', 'the three ports must differ'],
    ['RETRY_BASE_MS', '70000', 'must not exceed RETRY_MAX_MS (60000)'],
    ['NAMESPACE', 'x'.repeat(65), 'expected 1 to 64 characters'],
  ])('%s=%s is one', (name, value, problem) => {
    expect(problems({ [name]: value })).toEqual([expect.stringContaining(problem)]);
  });

  it('do not arise from two ports that are any free one', () => {
    expect(problems({ API_PORT: '0', LLM_GATEWAY_PORT: '0', ORDER_INTAKE_PORT: '0' })).toEqual([]);
  });

  it('do not arise from a public host with keys', () => {
    expect(problems({ HOST: '0.0.0.0', API_KEYS: `ci:admin:${sha}` })).toEqual([]);
  });

  it('name the roles there are', () => {
    expect(problems({ ROLES: 'cook' }, ['orchestrator', 'cost_worker'])).toEqual([
      'ROLES="cook": expected all, or a list of orchestrator, cost_worker',
    ]);
  });

  it('I12: are every prefix whose hash tag is not that of the namespace', () => {
    expect(problems({ NAMESPACE: '{a}', KEY_PREFIX: 'state', DLQ_STREAM: '{b}:dlq', STREAM_NAME: '{a}:log' })).toEqual([
      'KEY_PREFIX="state": must carry the hash tag {a} of NAMESPACE',
      'DLQ_STREAM="{b}:dlq": must carry the hash tag {a} of NAMESPACE',
    ]);
    expect(problems({ KEY_PREFIX: '{a}' })).toEqual([
      'KEY_PREFIX="{a}": must carry no hash tag, as NAMESPACE has none',
    ]);
  });

  it('stay on one short line each, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (value) => {
        for (const problem of problems({ THREADS: value, CORS_ORIGINS: value })) {
          expect(problem).toMatch(/^[^\n\r]{1,900}$/);
        }
      }),
    );
  });
});

describe('paths on the real machine', () => {
  it('may be made below a folder that can be written, and not below a file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'devteam-config-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const file = join(dir, 'file');
    await writeFile(file, '');
    const { problemWith } = thisMachine();
    expect(problemWith(join(dir, 'a', 'b'), 'writable folder')).toBeNull();
    expect(problemWith(join(file, 'a'), 'writable folder')).toBe(`${file} is not a folder`);
    expect(problemWith(join(dir, 'none'), 'folder')).toBe('no such folder');
    expect(problemWith(join(file, 'a'), 'file')).toBe('cannot be reached (ENOTDIR)');
    expect(problemWith(dir, 'file')).toBe('is a folder, not a file');
    expect(problemWith(file, 'program')).toBe(`${file} cannot be run by this user`);
    await chmod(file, 0o755);
    expect(problemWith(file, 'program')).toBeNull();
  });
});

describe('loadConfig', () => {
  const load = (env: Record<string, string>) => {
    const module = new URL('../../src/config.ts', import.meta.url).href;
    const script = `import { loadConfig } from '${module}'; console.log(loadConfig().process.threads)`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
  };

  it('ends the process with 78 and the list on stderr', () => {
    const { status, stdout, stderr } = load({ THREADS: 'zero', RETRY_BASE_MS: '0' });
    expect({ status, stdout, stderr }).toEqual({
      status: 78,
      stdout: '',
      stderr:
        'Invalid configuration, 2 problems:\n  THREADS="zero": expected an integer from 1 to 256\n  RETRY_BASE_MS="0": expected an integer from 1 to 3600000\n',
    });
  });

  it('reads the environment of the process', () => {
    expect(load({ THREADS: '7' }).stdout).toBe('7\n');
  });
});
