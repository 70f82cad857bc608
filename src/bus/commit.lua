-- The one place that makes a change durable.
--
-- KEYS   every key the call touches.
-- ARGV   1 the plan of the call as JSON (below), then the long texts that it points to: events, state fields, documents.
-- Plan   { mark, consumer, seconds an event id is remembered, letters, log, dead letters, dead letters kept,
--          group that reads the log, now in unix seconds, { turn } }
--        letters: one per key, its type: x stream, h hash, z sorted set, t set, l list, s string, or - for a key that a check
--        of its turn reads anyway. Keys are given by their index in KEYS, long texts by the index of the first in ARGV.
-- Turn    1 dedupe key or 0, 2 dedupe value
--         3 state key or 0, 4 expected nonce, 5 new nonce, 6 how: 0 replace, 1 write only if absent, 2 only compare,
--           7 keep for ms (0 = for ever),
--         8 first field, 9 number of fields (names and values)
--        10 deliveries { stream, group, entry id, what }; what: 0 keep, 1 ack, 2 ack and delete
--        11 first event, 12 number of events
--        13 mailboxes { stream, { ordinal of event } } or { stream, false, events, log ids }; events: index in ARGV
--        14 timeline or 0, 15 types, 16 log id of the forwarded event or ''
--        17 first dead letter, 18 number of them
--        19 counters { hash, field, by }
--        20 operations { command, key, arguments … }; of SET the value's index in ARGV
-- Reply  per turn: OK | SAME | FENCED | CONFLICT | DUPLICATE | BROKEN and what is; OK with events is followed by a blank
--        and the first log id.
--
-- All checks of a turn come before its first write, and what they read is read under pcall (never a write), so that
-- nothing ends the call between two writes. Turns are independent: one that fails changes nothing.
local call = redis.call
local plan = cjson.decode(ARGV[1])
local mark, consumer, remember_s, letters = plan[1], plan[2], plan[3], plan[4]
local log, dlq, dlq_max, gate_group, now_s = KEYS[plan[5]], KEYS[plan[6]], plan[7], plan[8], plan[9]

local kinds = { stream = 'x', hash = 'h', zset = 'z', set = 't', list = 'l', string = 's' }
for i = 1, #KEYS do
  local letter = string.sub(letters, i, i)
  if letter ~= '-' then
    local kind = call('TYPE', KEYS[i]).ok
    if kind ~= 'none' and kinds[kind] ~= letter then
      return redis.error_reply('WRONGKEY ' .. KEYS[i] .. ' is a ' .. kind)
    end
  end
end

-- When the gate has read everything, what this call appends need not be read by it: see the end.
local gate_caught_up = false
for _, group in ipairs(call('EXISTS', log) == 1 and call('XINFO', 'GROUPS', log) or {}) do
  local row = {}
  for i = 1, #group, 2 do row[group[i]] = group[i + 1] end
  if row.name == gate_group and row.lag == 0 then gate_caught_up = true end
end

-- Lua passes at most some 8,000 values on at a time.
local STRIDE = 4000
local replies, counters, acks, finished, last_log_id = {}, {}, {}, {}, nil

-- Delivered entries that are done, gathered per stream and group: one command for all of them.
local function done(delivery)
  local place = delivery[1] .. ' ' .. delivery[2]
  local gathered = acks[place] or { stream = KEYS[delivery[1]], group = delivery[2], ack = {}, delete = {} }
  acks[place] = gathered
  if delivery[4] == 0 then return end
  finished[delivery[1] .. ' ' .. delivery[3]] = true
  gathered.ack[#gathered.ack + 1] = delivery[3]
  if delivery[4] > 1 then gathered.delete[#gathered.delete + 1] = delivery[3] end
end

-- What a turn reads before it writes: its verdict, and whether it writes the state.
local function check(turn)
  local verdict = 'OK'
  if turn[1] > 0 and call('EXISTS', KEYS[turn[1]]) == 1 then verdict = 'DUPLICATE' end
  local write_state = turn[3] > 0
  if write_state and verdict == 'OK' then
    local stored = call('HGET', KEYS[turn[3]], 'nonce') or ''
    if turn[6] == 1 then
      write_state = stored == ''
    elseif turn[6] == 2 then
      write_state = false
      if stored ~= turn[4] then verdict = 'CONFLICT' end
    elseif stored == turn[5] then
      return 'SAME', false
    elseif stored ~= turn[4] then
      verdict = 'CONFLICT'
    end
  end
  for _, delivery in ipairs(turn[10]) do
    local id = delivery[3]
    if finished[delivery[1] .. ' ' .. id] or #call('XPENDING', KEYS[delivery[1]], delivery[2], id, id, 1, consumer) == 0 then
      verdict = 'FENCED'
    end
  end
  return verdict, write_state
end

for number, turn in ipairs(plan[10]) do
  local fine, verdict, write_state = pcall(check, turn)
  if not fine then
    local what = type(verdict) == 'table' and verdict.err or tostring(verdict)
    verdict = 'BROKEN ' .. what
  end
  local state = turn[3] > 0 and KEYS[turn[3]] or nil

  if verdict == 'OK' then
    local ids = {}
    for i = 0, turn[12] - 1 do
      ids[i + 1] = call('XADD', log, '*', 'event', ARGV[turn[11] + i], 'mark', mark)
    end
    if turn[12] > 0 then last_log_id = ids[turn[12]] end
    for _, mailbox in ipairs(turn[13]) do
      local ordinals = mailbox[2]
      if ordinals then
        local events, log_ids = {}, {}
        for i, ordinal in ipairs(ordinals) do
          events[i] = ARGV[turn[11] + ordinal]
          log_ids[i] = ids[ordinal + 1]
        end
        call('XADD', KEYS[mailbox[1]], '*', 'events', '[' .. table.concat(events, ',') .. ']', 'log_ids', table.concat(log_ids, ','))
      else
        call('XADD', KEYS[mailbox[1]], '*', 'events', ARGV[mailbox[3]], 'log_ids', mailbox[4])
      end
    end
    if turn[14] > 0 then
      local rows = {}
      for i, event_type in ipairs(turn[15]) do rows[i] = (ids[i] or turn[16]) .. ' ' .. event_type end
      for i = 1, #rows, STRIDE do
        call('RPUSH', KEYS[turn[14]], unpack(rows, i, math.min(i + STRIDE - 1, #rows)))
      end
    end
    for i = 0, turn[18] - 1 do
      call('XADD', dlq, 'MAXLEN', '~', dlq_max, '*', 'dlq', ARGV[turn[17] + i])
    end
    if write_state then
      local from, last = turn[8], turn[8] + turn[9] - 1
      call('HSET', state, 'nonce', turn[5], unpack(ARGV, from, math.min(from + STRIDE - 1, last)))
      for i = from + STRIDE, last, STRIDE do
        call('HSET', state, unpack(ARGV, i, math.min(i + STRIDE - 1, last)))
      end
      if turn[7] > 0 then call('PEXPIRE', state, turn[7]) end
    end
    if write_state or not state or turn[6] == 2 then
      for _, counter in ipairs(turn[19]) do
        local fields = counters[counter[1]] or {}
        counters[counter[1]] = fields
        fields[counter[2]] = (fields[counter[2]] or 0) + counter[3]
      end
      for _, operation in ipairs(turn[20]) do
        if operation[1] == 'SET' then call('SET', KEYS[operation[2]], ARGV[operation[3]])
        else call(operation[1], KEYS[operation[2]], unpack(operation, 3)) end
      end
    end
    if turn[1] > 0 then
      local value = turn[2] .. ':' .. now_s
      if turn[2] == 'accepted' then value = value .. ':' .. (ids[1] or turn[16]) end
      call('SET', KEYS[turn[1]], value, 'EX', remember_s)
    end
    replies[number] = ids[1] and ('OK ' .. ids[1]) or 'OK'
  else
    replies[number] = verdict
  end
  -- A repeated event is acked as well; so is a resend, whose first sending may have ended before its acks.
  if verdict == 'OK' or verdict == 'DUPLICATE' then
    for _, delivery in ipairs(turn[10]) do done(delivery) end
  elseif verdict == 'SAME' then
    for _, delivery in ipairs(turn[10]) do
      local id = delivery[3]
      if #call('XPENDING', KEYS[delivery[1]], delivery[2], id, id, 1, consumer) > 0 then done(delivery) end
    end
  end
end

for _, gathered in pairs(acks) do
  for i = 1, #gathered.ack, STRIDE do
    call('XACK', gathered.stream, gathered.group, unpack(gathered.ack, i, math.min(i + STRIDE - 1, #gathered.ack)))
  end
  for i = 1, #gathered.delete, STRIDE do
    call('XDEL', gathered.stream, unpack(gathered.delete, i, math.min(i + STRIDE - 1, #gathered.delete)))
  end
end

for index, fields in pairs(counters) do
  for field, by in pairs(fields) do
    if by ~= 0 then call('HINCRBY', KEYS[index], field, by) end
  end
end
-- The gate only acks entries that carry the mark. If it had nothing else to read before this call, moving its
-- cursor past them is the same as delivering and acking them here, without copying every event once more.
if gate_caught_up and last_log_id then call('XGROUP', 'SETID', log, gate_group, last_log_id) end
return replies
