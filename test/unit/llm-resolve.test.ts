import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRequest, Labels } from '../../src/llm/chat.ts';
import { resolve } from '../../src/llm/resolve.ts';
import { llmSettings } from '../support/llm-settings.ts';
import vectors from '../vectors/llm_effective.json' with { type: 'json' };

const shipped = llmSettings();

function resolved(call: Partial<ChatRequest> = {}, labels: Labels = {}, settings = shipped) {
  return resolve(settings, { messages: [], ...call }, labels);
}

/** Values only. */
function effective(...given: Parameters<typeof resolved>) {
  const { provider, model, temperature, maxTokens } = resolved(...given);
  return { provider: provider.value, model: model.value, temperature: temperature.value, max_tokens: maxTokens.value };
}

function errorsOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { details: { errors: unknown } }).details.errors;
  }
}

describe('worked cases', () => {
  const { config, cases } = vectors;
  const settings = llmSettings({
    global: {
      default_provider: config.default_provider,
      default_temperature: config.default_temperature,
      default_max_tokens: config.default_max_tokens,
    },
    providers: { [config.default_provider]: { default_model: config.default_model } },
    agent_overrides: config.agent_overrides,
    task_type_overrides: config.task_type_overrides,
  });

  it.each(cases)('agent $agent, task type $task_type', ({ agent, task_type, expected }) => {
    const labels = { ...(agent && { agent }), ...(task_type && { task_type }) };
    expect(effective({}, labels, settings)).toEqual(expected);
  });
});

describe('each field', () => {
  it('says where it comes from', () => {
    const { provider, model, temperature, maxTokens } = resolved({ max_tokens: 7 }, { agent: 'dev_worker' });
    expect([provider, model, temperature, maxTokens]).toEqual([
      { value: 'anthropic', from: 'agent_override', path: 'agent_overrides.dev_worker.provider' },
      { value: 'claude-sonnet-5-5', from: 'agent_override', path: 'agent_overrides.dev_worker.model' },
      { value: 0.3, from: 'agent_override', path: 'agent_overrides.dev_worker.temperature' },
      { value: 7, from: 'call', path: 'call.max_tokens' },
    ]);
    const defaults = resolved();
    expect([defaults.provider, defaults.model, defaults.temperature, defaults.maxTokens]).toEqual([
      { value: 'anthropic', from: 'global_default', path: 'global.default_provider' },
      { value: 'claude-sonnet-5-5', from: 'provider_default', path: 'providers.anthropic.default_model' },
      { value: 0.7, from: 'global_default', path: 'global.default_temperature' },
      { value: 4096, from: 'global_default', path: 'global.default_max_tokens' },
    ]);
  });

  it('comes from the uppermost level that names it', () => {
    const number = fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined });
    const level = fc.record({ temperature: number, max_tokens: number });
    fc.assert(
      fc.property(level, level, level, (call, agent, task) => {
        const said = (from: typeof call) => JSON.parse(JSON.stringify(from)) as object;
        const settings = llmSettings({ agent_overrides: { a: said(agent) }, task_type_overrides: { t: said(task) } });
        expect(effective(said(call), { agent: 'a', task_type: 't' }, settings)).toEqual({
          provider: 'anthropic',
          model: 'claude-sonnet-5-5',
          temperature: call.temperature ?? agent.temperature ?? task.temperature ?? 0.7,
          max_tokens: call.max_tokens ?? agent.max_tokens ?? task.max_tokens ?? 4096,
        });
      }),
      { numRuns: 30 },
    );
  });

  it('is told by the model for its temperature, when nobody above says one', () => {
    const settings = llmSettings({ providers: { anthropic: { models: { m: { temperature: 0.1 } } } } });
    expect(resolved({}, {}, settings).temperature).toEqual({
      value: 0.1,
      from: 'provider_default',
      path: 'providers.anthropic.models.m.temperature',
    });
    expect(resolved({ temperature: 0 }, {}, settings).temperature.value).toBe(0);
  });
});

describe('a level', () => {
  it('that changes only the provider gets its default model, whatever stands below', () => {
    expect(effective({ provider: 'openai' }, { agent: 'dev_worker' })).toEqual({
      provider: 'openai',
      model: 'gpt-6.1-terra',
      temperature: 0.3,
      max_tokens: 8192,
    });
    const settings = llmSettings({ agent_overrides: { a: { provider: 'google' } } });
    expect(effective({}, { agent: 'a', task_type: 'reasoning' }, settings)).toMatchObject({
      model: 'gemini-3.8-flash',
      max_tokens: 16384,
    });
  });

  it('that names the provider there already is leaves the model', () => {
    expect(effective({ provider: 'openai' }, { task_type: 'reasoning' }).model).toBe('gpt-6.1-sol');
  });

  it('that names only a model keeps the provider if that lists it', () => {
    const both = { models: { shared: {}, own: {} } };
    const settings = llmSettings({
      providers: { openai: both, google: both },
      task_type_overrides: { t: { provider: 'google' } },
    });
    expect(effective({ model: 'shared' }, { task_type: 't' }, settings).provider).toBe('google');
    expect(resolved({ model: 'shared' }, {}, settings).provider).toEqual({
      value: 'openai',
      from: 'call',
      path: 'call.model',
    });
  });

  it('that names only a model takes the first in the order of fallback that lists it, then any', () => {
    const both = { models: { shared: {} } };
    const file = { providers: { openai: both, google: both } };
    const order = (LLM_PROVIDER_ORDER: string) => llmSettings(file, { LLM_PROVIDER_ORDER });
    expect(effective({ model: 'shared' }, {}, order('gemini,openai')).provider).toBe('google');
    expect(effective({ model: 'shared' }, {}, order('local')).provider).toBe('openai');
  });
});

describe('an alias', () => {
  it('stays what was asked for and becomes the real id of the candidate', () => {
    const { model, candidates } = resolved({ model: 'gpt-4o-mini' });
    expect(model.value).toBe('gpt-4o-mini');
    expect(candidates[0]).toEqual({ provider: 'openai', model: 'gpt-4o-mini', realModel: 'gpt-6-luna' });
  });
});

describe('candidates', () => {
  it('are the resolved one and then the order of fallback without its provider', () => {
    expect(resolved({ model: 'gpt-6.1-sol' }).candidates).toEqual([
      { provider: 'openai', model: 'gpt-6.1-sol', realModel: 'gpt-6.1-sol' },
      { provider: 'anthropic', model: 'claude-sonnet-5-5', realModel: 'claude-sonnet-5-5' },
      { provider: 'google', model: 'gemini-3.8-flash', realModel: 'gemini-3.8-flash' },
      { provider: 'local', model: 'llama3.1:8b', realModel: 'llama3.1:8b' },
    ]);
  });

  it('are each provider once, whatever is asked for', () => {
    const models = Object.values(shipped.providers).flatMap((p) => [
      ...Object.keys(p.models),
      ...Object.keys(p.aliases),
    ]);
    const agents = [...Object.keys(shipped.agentOverrides), 'nobody'];
    const tasks = [...Object.keys(shipped.taskTypeOverrides), 'nothing'];
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.constantFrom(...agents),
        fc.constantFrom(...tasks),
        (model, agent, task_type) => {
          const { provider, candidates } = resolved({ model }, { agent, task_type });
          const names = candidates.map((each) => each.provider);
          expect([names[0], new Set(names).size]).toEqual([provider.value, 4]);
          for (const { provider: name, realModel } of candidates) {
            expect(Object.keys(shipped.providers[name].models)).toContain(realModel);
          }
        },
      ),
    );
  });
});

describe('unknown names', () => {
  it.each([
    [{ provider: 'azure' }, '/provider', 'must be one of anthropic, openai, google, local'],
    [{ model: 'gpt-9' }, '/model', 'is not a model of any provider'],
    [{ provider: 'google', model: 'gpt-6-luna' }, '/model', 'is not a model of google'],
    [{ model: 'constructor' }, '/model', 'is not a model of any provider'],
    [{ provider: '__proto__' }, '/provider', 'must be one of anthropic, openai, google, local'],
  ])('in a call are refused: %j', (call, path, message) => {
    expect(errorsOf(() => resolved(call))).toEqual([{ path, message }]);
  });

  it('of agents and task types say nothing', () => {
    for (const name of ['nope', 'constructor', '__proto__', '']) {
      expect(effective({}, { agent: name, task_type: name })).toEqual(effective());
    }
  });
});
