-- Circuit breakers and cool-downs, for settle.lua. Follows buckets.lua.
--
-- ARGV  3 [ open ms, open ms at most, cool-down ms, cool-down ms at most, failures in a row, calls in the window ]
--
-- A breaker is one hash: f failures in a row; o open until (Unix ms; once that is past, half open), 0 = closed; n how
-- often it opened in a row; p, pt the probe: until when it is lent, and to which reservation; c cooling down until,
-- k how often in a row without being told for how long; w calls and failures per slice of the last 30 s; e when it was
-- last given its life; s0-s9 half minutes for the statistics: 'number calls errors latency-class:calls …'.
-- While it is not closed, only its probe changes it: what was sent before says nothing about now.
local OPEN_MS, OPEN_MAX_MS, COOL_MS, COOL_MAX_MS, FAILURES_IN_A_ROW, WINDOW_CALLS = unpack(decode(ARGV[3]))
local SLICE_MS, SLICES = 5000, 6
local HALF_MINUTE_MS, HALF_MINUTES = 30000, 10
local BREAKER_LIFE_MS, BREAKER_RENEW_MS = 600000, 60000
local breakers = {}

local function breaker_of(index)
  local breaker = breakers[index]
  if breaker then return breaker end
  local number = math.floor(now_ms / HALF_MINUTE_MS)
  local field = 's' .. number % HALF_MINUTES
  local stored = call('HMGET', KEYS[index], 'f', 'o', 'n', 'p', 'pt', 'c', 'k', 'w', 'e', field)
  breaker = {
    f = tonumber(stored[1]) or 0,
    o = tonumber(stored[2]) or 0,
    n = tonumber(stored[3]) or 0,
    p = tonumber(stored[4]) or 0,
    pt = stored[5] or '',
    c = tonumber(stored[6]) or 0,
    k = tonumber(stored[7]) or 0,
    w = stored[8] or '',
    e = tonumber(stored[9]) or 0,
    field = field,
    number = number,
    statistics_text = stored[10] or '',
    set = {},
  }
  breakers[index] = breaker
  return breaker
end

-- Counts a call against the last 30 s; tells how many there were and how many failed.
local function count_window(breaker, failed)
  local current = math.floor(now_ms / SLICE_MS)
  if not breaker.window then
    breaker.window, breaker.calls, breaker.failed = { { current, 0, 0 } }, 0, 0
    for slice, calls, failures in string.gmatch(breaker.w, '(%d+) (%d+) (%d+)') do
      slice, calls, failures = tonumber(slice), tonumber(calls), tonumber(failures)
      if slice > current - SLICES then
        breaker.calls, breaker.failed = breaker.calls + calls, breaker.failed + failures
        if slice == current then
          breaker.window[1][2], breaker.window[1][3] = calls, failures
        else
          breaker.window[#breaker.window + 1] = { slice, calls, failures }
        end
      end
    end
  end
  local slice = breaker.window[1]
  slice[2], breaker.calls = slice[2] + 1, breaker.calls + 1
  if failed then slice[3], breaker.failed = slice[3] + 1, breaker.failed + 1 end
end

local function count_statistics(breaker, failed, latency_class)
  local statistics = breaker.statistics
  if not statistics then
    local number, calls, errors = string.match(breaker.statistics_text, '^(%d+) (%d+) (%d+)')
    statistics = { calls = 0, errors = 0, latencies = {} }
    if tonumber(number) == breaker.number then
      statistics.calls, statistics.errors = tonumber(calls), tonumber(errors)
      for class, count in string.gmatch(breaker.statistics_text, '(%d+):(%d+)') do
        statistics.latencies[tonumber(class)] = tonumber(count)
      end
    end
    breaker.statistics = statistics
  end
  statistics.calls = statistics.calls + 1
  if failed then statistics.errors = statistics.errors + 1 end
  if latency_class >= 0 then statistics.latencies[latency_class] = (statistics.latencies[latency_class] or 0) + 1 end
end

-- Changes one field; only what was changed is written.
local function change(breaker, field, value)
  if breaker[field] ~= value then
    breaker[field], breaker.set[field] = value, value
    breaker.changed = true
  end
end

local function return_probe(breaker)
  change(breaker, 'p', 0)
  change(breaker, 'pt', '')
end

local function close(breaker)
  change(breaker, 'o', 0)
  change(breaker, 'n', 0)
  change(breaker, 'f', 0)
  breaker.window = nil
  change(breaker, 'w', '')
  return_probe(breaker)
end

local function open_again(breaker)
  change(breaker, 'n', breaker.n + 1)
  change(breaker, 'o', now_ms + math.min(OPEN_MS * 2 ^ (breaker.n - 1), OPEN_MAX_MS))
  return_probe(breaker)
end

local function shut(breaker, for_ms)
  change(breaker, 'o', math.max(breaker.o, now_ms + for_ms))
  return_probe(breaker)
end

-- Applies what an attempt says about its candidate. kind: s success, f failure, n neutral, c cool-down, p provider
-- shut, m model shut; for_ms: of the last three, -1 = not told.
local function apply_health(provider, model, id, kind, for_ms, latency_class)
  local probes_provider = provider.o > 0 and provider.pt == id
  local probes_model = model.o > 0 and model.pt == id
  if probes_provider and kind ~= 'p' then
    if kind == 's' then close(provider) else return_probe(provider) end
  end
  if kind == 'n' then
    if probes_model then return_probe(model) end
    return
  end
  model.changed = true
  count_statistics(model, kind ~= 's', latency_class)
  if kind == 's' then
    if model.c <= now_ms then change(model, 'k', 0) end
    if probes_model then
      close(model)
    elseif model.o == 0 then
      change(model, 'f', 0)
      count_window(model, false)
    end
  elseif kind == 'f' then
    if probes_model then
      open_again(model)
    elseif model.o == 0 then
      change(model, 'f', model.f + 1)
      count_window(model, true)
      if model.f >= FAILURES_IN_A_ROW or (model.calls >= WINDOW_CALLS and model.failed * 2 >= model.calls) then
        open_again(model)
      end
    end
  elseif kind == 'm' then
    shut(model, for_ms)
  else
    if probes_model then return_probe(model) end
    if kind == 'p' then
      shut(provider, for_ms)
    elseif for_ms >= 0 then
      change(model, 'c', math.max(model.c, now_ms + for_ms))
    elseif model.c <= now_ms then
      -- Calls that were refused together are one refusal.
      change(model, 'k', model.k + 1)
      change(model, 'c', now_ms + math.min(COOL_MS * 2 ^ (model.k - 1), COOL_MAX_MS))
    end
  end
end

local function save_breakers()
  for index, breaker in pairs(breakers) do
    if breaker.changed then
      local fields, n = {}, 0
      local function set(field, value)
        fields[n + 1], fields[n + 2] = field, value
        n = n + 2
      end
      for field, value in pairs(breaker.set) do set(field, type(value) == 'number' and whole(value) or value) end
      if breaker.window then
        local slices = {}
        for i, slice in ipairs(breaker.window) do slices[i] = format('%d %d %d', slice[1], slice[2], slice[3]) end
        set('w', table.concat(slices, ' '))
      end
      local statistics = breaker.statistics
      if statistics then
        local parts = { format('%d %d %d', breaker.number, statistics.calls, statistics.errors) }
        for class, count in pairs(statistics.latencies) do parts[#parts + 1] = format('%d:%d', class, count) end
        set(breaker.field, table.concat(parts, ' '))
      end
      local held_until = math.max(breaker.o, breaker.c)
      local renew = now_ms - breaker.e >= BREAKER_RENEW_MS or held_until > breaker.e + BREAKER_LIFE_MS
      if renew then set('e', whole(now_ms)) end
      if n > 0 then call('HSET', KEYS[index], unpack(fields)) end
      if renew then
        call('PEXPIRE', KEYS[index], whole(math.max(BREAKER_LIFE_MS, held_until - now_ms + BREAKER_LIFE_MS)))
      end
    end
  end
end
