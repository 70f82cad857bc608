-- Settles attempts: the real cost replaces the reservation, and ledger, rate limit, breaker and records follow.
-- Follows buckets.lua, budgets.lua and health.lua.
--
-- KEYS  1 reservations, 2 settled (zset of calls without reservation by when they are forgotten, Unix ms), 3 index of
--       the cache (evict.lua), then what plans and items name
-- ARGV  1 [ plans, items ], 2 mark of this call or '', 3 settings of health.lua, then two texts per plan, then the items
-- Plan  1 [ bucket, requests limit, tokens limit, provider's breaker, breaker, percentage, ledger, { scope, limit } ];
--       keys by their index in KEYS, 0 = none. 2 field of the ledger
-- Item  1 [ plan, tokens taken, tokens used, worst case, cost, health, for ms, latency class, records, { count } ],
--       2 member of the reservations or '' if nothing was reserved, then per letter of `records`:
--       j [ journal, ttl ], value | c [ answer, ttl, bytes at most, overhead ], sha256, value | f [ flight, ttl ],
--       token, value
-- Reply flat integers, per item: settled 1/0, 1 if the cache has no room for its answer, alerts (budgets.lua)
--
-- An item is settled if its member was still there, or, without one, if this call was not made before: sent again, a call
-- changes nothing. Its records are written in any case: the first journal entry of a key stands, and a flight is ended
-- only by who holds it. Everything is read before the first write.
local plan_count, item_count = unpack(decode(ARGV[1]))
local call_mark = ARGV[2]
local MARK_LIFE_MS, LEDGER_LIFE_S, INDEX_SLACK_MS = 600000, 34560000, 60000
local FIRST_SCOPE, FIRST_COUNT, COUNTS = 8, 9, 13
local COUNTS_FORMAT = '[%d' .. string.rep(',%d', COUNTS - 1) .. ']'

local plans, at = {}, 4
for i = 1, plan_count do
  plans[i] = decode(ARGV[at])
  plans[i].field = ARGV[at + 1]
  at = at + 2
end
local RECORD_ARGUMENTS = { j = 2, c = 3, f = 3 }
local items, members, owners = {}, {}, {}
for i = 1, item_count do
  local item = decode(ARGV[at])
  item.member = ARGV[at + 1]
  if item.member ~= '' then
    members[#members + 1] = item.member
    owners[#members] = item
  end
  at = at + 2
  item.records = {}
  for kind in string.gmatch(item[9], '%l') do
    item.records[#item.records + 1] = { kind = kind, at = at }
    at = at + RECORD_ARGUMENTS[kind]
  end
  items[i] = item
end

-- Which items stand.
local removed, seen = {}, {}
if #members > 0 then
  local scores = call('ZMSCORE', KEYS[1], unpack(members))
  for i = 1, #members do
    if scores[i] and not seen[members[i]] then
      seen[members[i]] = true
      removed[#removed + 1] = members[i]
      owners[i].settled = true
    end
  end
end
local mark_now = call_mark ~= '' and not call('ZSCORE', KEYS[2], call_mark)
for i = 1, item_count do
  if items[i].member == '' then items[i].settled = mark_now end
end

-- What the items change, in tables.
local ledgers = {}
for i = 1, item_count do
  local item = items[i]
  local plan = plans[item[1]]
  item.plan = plan
  for s = FIRST_SCOPE, #plan, 2 do budget_of(plan[s]) end
  if item.settled then
    local taken, used, worst, cost = item[2], item[3], item[4], item[5]
    if plan[3] > 0 and taken ~= used then
      local bucket = bucket_of(plan[1], plan[2], plan[3])
      bucket.t, bucket.changed = math.max(0, math.min(plan[3], bucket.t + taken - used)), true
    end
    for s = FIRST_SCOPE, #plan, 2 do
      local budget = budget_of(plan[s])
      budget.reserved = math.max(0, budget.reserved - worst)
      budget.spent, budget.changed = budget.spent + cost, true
    end
    if plan[5] > 0 then
      local id = string.match(item.member, '"([^"]*)"')
      apply_health(breaker_of(plan[4]), breaker_of(plan[5]), id, item[6], item[7], item[8])
    end
    if plan[7] > 0 then
      local ledger = ledgers[plan[7]] or {}
      ledgers[plan[7]] = ledger
      local counts = ledger[plan.field]
      if not counts then
        counts = {}
        for c = 1, COUNTS do counts[c] = 0 end
        ledger[plan.field] = counts
      end
      for c = 1, COUNTS do counts[c] = counts[c] + item[FIRST_COUNT + c] end
    end
  end
end
local ledger_writes = {}
for index, ledger in pairs(ledgers) do
  local fields = {}
  for field in pairs(ledger) do fields[#fields + 1] = field end
  local stored = call('HMGET', KEYS[index], unpack(fields))
  local write, fresh = {}, true
  for i, field in ipairs(fields) do
    local counts = ledger[field]
    if stored[i] then
      fresh = false
      local before = decode(stored[i])
      for c = 1, COUNTS do counts[c] = counts[c] + (before[c] or 0) end
    end
    write[i * 2 - 1], write[i * 2] = field, format(COUNTS_FORMAT, unpack(counts))
  end
  ledger_writes[#ledger_writes + 1] = { key = KEYS[index], fields = write, fresh = fresh }
end

-- Records: what is there now.
local index_bytes, index_life_ms = nil, 0
local cached_count = 0
for i = 1, item_count do
  for _, record in ipairs(items[i].records) do
    record.numbers = decode(ARGV[record.at])
    record.key = KEYS[record.numbers[1]]
    if record.kind == 'c' then
      record.replaces = call('STRLEN', record.key)
      index_bytes = index_bytes or -(call('ZSCORE', KEYS[3], 'bytes') or 0)
    elseif record.kind == 'f' then
      local holder = string.match(call('GET', record.key) or '', '^L%d+:(.*)$')
      record.held = holder == ARGV[record.at + 1]
    end
  end
end

-- From here on it writes.
if #removed > 0 then call('ZREM', KEYS[1], unpack(removed)) end
if mark_now then
  call('ZREMRANGEBYSCORE', KEYS[2], '-inf', whole(now_ms))
  call('ZADD', KEYS[2], whole(now_ms + MARK_LIFE_MS), call_mark)
end
save_buckets()
save_budgets()
save_breakers()
for _, ledger in ipairs(ledger_writes) do
  call('HSET', ledger.key, unpack(ledger.fields))
  if ledger.fresh and call('TTL', ledger.key) == -1 then call('EXPIRE', ledger.key, LEDGER_LIFE_S) end
end

local reply, n = {}, 0
for i = 1, item_count do
  local item, full = items[i], 0
  for _, record in ipairs(item.records) do
    local ttl = record.numbers[2]
    if record.kind == 'j' then
      call('SET', record.key, ARGV[record.at + 1], 'NX', 'PX', ttl)
    elseif record.kind == 'f' then
      if record.held then call('SET', record.key, 'V' .. ARGV[record.at + 2], 'PX', ttl) end
    else
      local bytes_max, overhead = record.numbers[3], record.numbers[4]
      local sha256, value = ARGV[record.at + 1], ARGV[record.at + 2]
      if record.replaces > 0 and record.replaces ~= #value then
        local gone = call('ZREM', KEYS[3], sha256 .. ':' .. record.replaces)
        index_bytes = index_bytes - gone * (record.replaces + overhead)
      end
      local member = sha256 .. ':' .. #value
      if index_bytes + #value + overhead > bytes_max and not call('ZSCORE', KEYS[3], member) then
        full = 1
        if record.replaces > 0 then call('DEL', record.key) end
      else
        call('SET', record.key, value, 'PX', ttl)
        index_bytes = index_bytes + call('ZADD', KEYS[3], whole(now_ms), member) * (#value + overhead)
        index_life_ms = math.max(index_life_ms, ttl)
      end
      cached_count = cached_count + 1
    end
  end
  reply[n + 1], reply[n + 2] = item.settled and 1 or 0, full
  n = append_alerts(reply, n + 2, item.plan, FIRST_SCOPE, item.plan[6])
end
if cached_count > 0 then
  call('ZADD', KEYS[3], whole(-index_bytes), 'bytes')
  -- Once its last answer has expired, the index has nothing to tell.
  if call('PTTL', KEYS[3]) < index_life_ms then call('PEXPIRE', KEYS[3], index_life_ms + INDEX_SLACK_MS) end
end
return reply
