-- The one place that makes a change durable.
--
-- KEYS   every key the call touches; ARGV[4] holds one type letter per key:
--        x stream, h hash, z sorted set, l list, t set, s string.
-- ARGV   1 the namespace's mark, 2 consumer, 3 seconds an event id is remembered, 4 type letters,
--        5 index of the log, 6 of the dead letters, 7 of the set of emitted ids, 8 of the set before it,
--        9 dead letters kept, 10 group that reads the log, 11 now in unix seconds, 12 number of turns,
--        then the turns one after another. Numbers named "index" point into KEYS, 0 = none.
-- A turn: dedupe index, dedupe id, dedupe value
--         state index, expected nonce, new nonce, only if absent (0/1), keep for ms (0 = for ever), field count, fields
--         delivery count, { stream index, group, entry id, what (0 keep, 1 ack, 2 ack and delete) }
--         event count, { event }
--         mailbox count, { stream index, ordinal count, ordinals } or { stream index, 0, events, log ids }
--         timeline index, type count, { type }
--         forwarded log id ('' = none)
--         dead letter count, { document }
--         operation count, { argument count, command, index, arguments }
-- Reply  per turn: OK | SAME | FENCED | CONFLICT | DUPLICATE, for OK with events followed by a blank and the first log id.
--
-- All checks of a turn come before its first write. Turns are independent: one that fails changes nothing.
local mark, consumer, remember_s = ARGV[1], ARGV[2], tonumber(ARGV[3])
local letters = ARGV[4]
local kinds = { stream = 'x', hash = 'h', zset = 'z', list = 'l', set = 't', string = 's' }
for i = 1, #KEYS do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kinds[kind] ~= string.sub(letters, i, i) then
    return redis.error_reply('WRONGKEY ' .. KEYS[i] .. ' is a ' .. kind)
  end
end
local log = KEYS[tonumber(ARGV[5])]
local dlq = KEYS[tonumber(ARGV[6])]
local emitted_now, emitted_before = KEYS[tonumber(ARGV[7])], KEYS[tonumber(ARGV[8])]
local dlq_max, gate_group, now_s = ARGV[9], ARGV[10], ARGV[11]

local at = 12
local function take()
  at = at + 1
  return ARGV[at]
end
local function number()
  at = at + 1
  return tonumber(ARGV[at])
end
-- 64 of the bits of a uuid, taken from the text of an envelope or from a bare id.
local function short(text, from)
  return string.sub(text, from, from + 7) .. string.sub(text, from + 9, from + 12) .. string.sub(text, from + 15, from + 17)
end

local turns = tonumber(ARGV[12])
local replies = {}
local fresh_ids = {}

-- When the gate has read everything, what this call appends need not be read by it: see the end.
local gate_caught_up = false
do
  for _, group in ipairs(redis.call('EXISTS', log) == 1 and redis.call('XINFO', 'GROUPS', log) or {}) do
    local row = {}
    for i = 1, #group, 2 do row[group[i]] = group[i + 1] end
    if row.name == gate_group and row.lag == 0 then gate_caught_up = true end
  end
end
local last_log_id

for turn = 1, turns do
  local verdict = 'OK'
  -- dedupe
  local dedupe, dedupe_id, dedupe_value = number(), take(), take()
  if dedupe > 0 then
    local short_id = short(dedupe_id, 1)
    if redis.call('EXISTS', KEYS[dedupe]) == 1 or redis.call('SISMEMBER', emitted_now, short_id) == 1
      or redis.call('SISMEMBER', emitted_before, short_id) == 1 then
      verdict = 'DUPLICATE'
    end
  end
  -- state
  local state, expected, nonce, only_if_absent, keep_ms, field_count = number(), take(), take(), number(), number(), number()
  local fields_from = at
  at = at + field_count
  local write_state = state > 0
  if write_state and verdict == 'OK' then
    local stored = redis.call('HGET', KEYS[state], 'nonce') or ''
    if only_if_absent == 1 then
      write_state = stored == ''
    elseif stored == nonce then
      verdict = 'SAME'
    elseif stored ~= expected then
      verdict = 'CONFLICT'
    end
  end
  -- deliveries
  local delivery_count = number()
  local deliveries_from = at
  for _ = 1, delivery_count do
    local stream, group, id = number(), take(), take()
    at = at + 1
    if verdict ~= 'SAME' and #redis.call('XPENDING', KEYS[stream], group, id, id, 1, consumer) == 0 then
      verdict = 'FENCED'
    end
  end
  local good = verdict == 'OK'
  -- A repeated event is still acked.
  local ack = good or verdict == 'DUPLICATE'

  -- events
  local event_count = number()
  local events_from = at
  at = at + event_count
  local ids = {}
  if good then
    for i = 1, event_count do
      local event = ARGV[events_from + i]
      ids[i] = redis.call('XADD', log, '*', 'event', event, 'mark', mark)
      fresh_ids[#fresh_ids + 1] = short(event, 14)
    end
    if event_count > 0 then
      last_log_id = ids[event_count]
    end
  end
  -- mailboxes
  for _ = 1, number() do
    local stream, ordinal_count = number(), number()
    if ordinal_count == 0 then
      local events, log_ids = take(), take()
      if good then redis.call('XADD', KEYS[stream], '*', 'events', events, 'log_ids', log_ids) end
    else
      local events, log_ids = {}, {}
      for i = 1, ordinal_count do
        local ordinal = number()
        if good then
          events[i] = ARGV[events_from + ordinal]
          log_ids[i] = ids[ordinal]
        end
      end
      if good then
        redis.call('XADD', KEYS[stream], '*', 'events', '[' .. table.concat(events, ',') .. ']', 'log_ids', table.concat(log_ids, ','))
      end
    end
  end
  -- timeline
  local timeline, type_count = number(), number()
  local types_from = at
  at = at + type_count
  local forwarded = take()
  if good and timeline > 0 then
    local rows = {}
    for i = 1, type_count do rows[i] = (ids[i] or forwarded) .. ' ' .. ARGV[types_from + i] end
    for i = 1, #rows, 4000 do
      redis.call('RPUSH', KEYS[timeline], unpack(rows, i, math.min(i + 3999, #rows)))
    end
  end
  -- dead letters
  for _ = 1, number() do
    local document = take()
    if good then redis.call('XADD', dlq, 'MAXLEN', '~', dlq_max, '*', 'dlq', document) end
  end
  -- state
  if good and write_state then
    redis.call('HSET', KEYS[state], 'nonce', nonce, unpack(ARGV, fields_from + 1, fields_from + math.min(field_count, 4000)))
    for i = 4001, field_count, 4000 do
      redis.call('HSET', KEYS[state], unpack(ARGV, fields_from + i, fields_from + math.min(i + 3999, field_count)))
    end
    if keep_ms > 0 then
      redis.call('PEXPIRE', KEYS[state], keep_ms)
    end
  end
  -- projections, timers
  for _ = 1, number() do
    local argument_count = number()
    local from = at
    at = at + argument_count
    if good and (state == 0 or write_state) then
      redis.call(ARGV[from + 1], KEYS[tonumber(ARGV[from + 2])], unpack(ARGV, from + 3, from + argument_count))
    end
  end
  if good and dedupe > 0 then
    local value = dedupe_value .. ':' .. now_s
    if dedupe_value == 'accepted' then value = value .. ':' .. (ids[1] or forwarded) end
    redis.call('SET', KEYS[dedupe], value, 'EX', remember_s)
  end
  -- ack
  if ack then
    local back = at
    at = deliveries_from
    for _ = 1, delivery_count do
      local stream, group, id, what = number(), take(), take(), number()
      if what > 0 then redis.call('XACK', KEYS[stream], group, id) end
      if what > 1 then redis.call('XDEL', KEYS[stream], id) end
    end
    at = back
  end
  replies[turn] = good and ids[1] and ('OK ' .. ids[1]) or verdict
end

if #fresh_ids > 0 then
  for i = 1, #fresh_ids, 4000 do
    redis.call('SADD', emitted_now, unpack(fresh_ids, i, math.min(i + 3999, #fresh_ids)))
  end
  redis.call('EXPIRE', emitted_now, 2 * remember_s, 'NX')
end
-- The gate only acks entries that carry the mark. If it had nothing else to read before this call, moving its
-- cursor past them is the same as delivering and acking them here, without copying every event once more.
if gate_caught_up and last_log_id then
  redis.call('XGROUP', 'SETID', log, gate_group, last_log_id)
end
return replies
