-- Reads the state of several instances in one call; changes nothing.
-- KEYS  one state hash each.
-- ARGV  1 fields up to which a hash is read whole, then per key: nonce that the caller holds ('' = none), name count,
--       names. One name '*' asks for everything.
-- Reply per key: { what, nonce, { field, value, … } }; what: 0 some fields, 1 all fields, 2 the fields asked for of a
--       state that is still the one the caller holds. An absent instance is whole, with nonce '' and no fields.
local small = tonumber(ARGV[1])
local at = 1
local replies = {}

local function some(key, from, count)
  local fields = {}
  for first = 1, count, 4000 do
    local last = math.min(first + 3999, count)
    local values = redis.call('HMGET', key, unpack(ARGV, from + first, from + last))
    for v = 1, #values do
      fields[#fields + 1] = ARGV[from + first + v - 1]
      fields[#fields + 1] = values[v]
    end
  end
  return fields
end

for i = 1, #KEYS do
  local key, known, count = KEYS[i], ARGV[at + 1], tonumber(ARGV[at + 2])
  local from = at + 2
  at = from + count
  local nonce = redis.call('HGET', key, 'nonce') or ''
  local everything = count == 1 and ARGV[from + 1] == '*'
  if nonce == known and known ~= '' and not everything then
    replies[i] = { 2, nonce, some(key, from, count) }
  elseif everything or redis.call('HLEN', key) <= small then
    replies[i] = { 1, nonce, redis.call('HGETALL', key) }
  else
    local fields = some(key, from, count)
    fields[#fields + 1] = 'snapshot'
    fields[#fields + 1] = redis.call('HGET', key, 'snapshot')
    replies[i] = { 0, nonce, fields }
  end
end
return replies
