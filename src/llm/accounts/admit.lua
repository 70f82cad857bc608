-- Admits calls to their candidates: takes from the rate limit and reserves the worst case in every budget, or nothing.
-- Follows buckets.lua and budgets.lua.
--
-- KEYS  1 reservations (zset by expiry, Unix ms), then what the plans name.
-- ARGV  1 [ plans, items, probe lease in ms ], then one text per plan, then two per item.
-- Plan  [ bucket, requests limit, tokens limit, provider's breaker, breaker, life in ms, percentage, { scope, limit } ];
--       keys by their index in KEYS. Items of one kind share a plan.
-- Item  1 [ plan, tokens, worst case ], 2 member of the reservations
-- Reply flat integers, per item: verdict, three about it, four of the rate limit, alerts (budgets.lua)
--       0 granted { probe } | 1 breaker open { until ms } | 2 cooling down { until ms } | 3 rate limited { wait ms or -1 }
--       | 4 budget exceeded { which scope, spent, reserved }
--
-- Everything is read before the first write, and every item sees what those before it took. An item that is among the
-- reservations was admitted before: it is granted again and takes nothing.
local plan_count, item_count, probe_lease_ms = unpack(decode(ARGV[1]))
local PROBE_RETRY_MS = 1000
local FIRST_SCOPE = 8
local plans = {}
for i = 1, plan_count do plans[i] = decode(ARGV[1 + i]) end

local breakers = {}
local function breaker_of(index)
  local breaker = breakers[index]
  if breaker then return breaker end
  local stored = call('HMGET', KEYS[index], 'o', 'p', 'pt', 'c')
  breaker = {
    open = tonumber(stored[1]) or 0,
    probe = tonumber(stored[2]) or 0,
    probe_id = stored[3] or '',
    cool = tonumber(stored[4]) or 0,
  }
  breakers[index] = breaker
  return breaker
end

-- Until when it keeps calls out, or nil; whether the next call is its probe.
local function closed_until(breaker)
  if breaker.open == 0 then return nil, false end
  if breaker.open > now_ms then return breaker.open, false end
  if breaker.probe > now_ms then return now_ms + PROBE_RETRY_MS, false end
  return nil, true
end

-- Lent, not given: a process may die with it.
local function lend_probe(breaker, id)
  breaker.probe, breaker.probe_id, breaker.changed = now_ms + probe_lease_ms, id, true
end

local items_at = plan_count + 2
local members = {}
for i = 1, item_count do members[i] = ARGV[items_at + i * 2 - 1] end
local known = call('ZMSCORE', KEYS[1], unpack(members))

local reply, n = {}, 0
local added, added_count = {}, 0
for i = 1, item_count do
  local number, tokens, worst = unpack(decode(ARGV[items_at + i * 2 - 2]))
  local plan = plans[number]
  local requests_limit, tokens_limit = plan[2], plan[3]
  local bucket = bucket_of(plan[1], requests_limit, tokens_limit)
  local provider, model = breaker_of(plan[4]), breaker_of(plan[5])
  local verdict, a, b, c = 0, 0, 0, 0

  if known[i] then
    local id = string.match(members[i], '"([^"]*)"')
    if provider.probe_id == id or model.probe_id == id then a = 1 end
  else
    local provider_until, provider_probe = closed_until(provider)
    local model_until, model_probe = closed_until(model)
    if provider_until or model_until then
      verdict, a = 1, math.max(provider_until or 0, model_until or 0)
    elseif model.cool > now_ms then
      verdict, a = 2, model.cool
    elseif tokens_limit > 0 and tokens > tokens_limit then
      verdict, a = 3, -1
    else
      local wait_us = 0
      if requests_limit > 0 and bucket.r + EPSILON < 1 then wait_us = (1 - bucket.r) / requests_limit * MINUTE_US end
      if tokens_limit > 0 and bucket.t + EPSILON < tokens then
        wait_us = math.max(wait_us, (tokens - bucket.t) / tokens_limit * MINUTE_US)
      end
      if wait_us > 0 then
        verdict, a = 3, math.ceil(wait_us / 1000)
      else
        for s = FIRST_SCOPE, #plan, 2 do
          local budget = budget_of(plan[s])
          if budget.spent + budget.reserved + worst > plan[s + 1] then
            verdict, a, b, c = 4, (s - FIRST_SCOPE) / 2, budget.spent, budget.reserved
            if not budget.refused then budget.refused, budget.newly_refused, budget.changed = true, true, true end
            break
          end
        end
      end
    end

    if verdict == 0 then
      if requests_limit > 0 then bucket.r, bucket.changed = bucket.r - 1, true end
      if tokens_limit > 0 then bucket.t, bucket.changed = bucket.t - tokens, true end
      for s = FIRST_SCOPE, #plan, 2 do
        local budget = budget_of(plan[s])
        budget.reserved, budget.changed = budget.reserved + worst, true
      end
      if provider_probe or model_probe then
        a = 1
        local id = string.match(members[i], '"([^"]*)"')
        if provider_probe then lend_probe(provider, id) end
        if model_probe then lend_probe(model, id) end
      end
      known[i] = true
      -- The same call twice in one batch is one call.
      for later = i + 1, item_count do
        if members[later] == members[i] then known[later] = true end
      end
      added[added_count + 1], added[added_count + 2] = whole(now_ms + plan[6]), members[i]
      added_count = added_count + 2
    end
  end

  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = verdict, a, b, c
  n = append_rate(reply, n + 4, bucket, requests_limit, tokens_limit)
  n = append_alerts(reply, n, plan, FIRST_SCOPE, plan[7])
end

if added_count > 0 then call('ZADD', KEYS[1], unpack(added)) end
save_buckets()
save_budgets()
for index, breaker in pairs(breakers) do
  if breaker.changed then call('HSET', KEYS[index], 'p', whole(breaker.probe), 'pt', breaker.probe_id) end
end
return reply
