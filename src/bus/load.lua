-- Reads the state of several instances in one call; changes nothing.
-- KEYS  one state hash each.
-- ARGV  1 fields up to which a hash is read whole, then per key: name count, names.
-- Reply per key: { whole (0/1), nonce, { field, value, … } }; an absent instance is whole, with nonce '' and no fields.
local small = tonumber(ARGV[1])
local at = 1
local replies = {}
for i = 1, #KEYS do
  at = at + 1
  local count = tonumber(ARGV[at])
  local from = at
  at = at + count
  if redis.call('HLEN', KEYS[i]) <= small then
    local fields = redis.call('HGETALL', KEYS[i])
    local nonce = ''
    for f = 1, #fields, 2 do
      if fields[f] == 'nonce' then nonce = fields[f + 1] end
    end
    replies[i] = { 1, nonce, fields }
  elseif count == 1 and ARGV[from + 1] == '*' then
    replies[i] = { 1, redis.call('HGET', KEYS[i], 'nonce'), redis.call('HGETALL', KEYS[i]) }
  else
    local fields = {}
    for first = 1, count, 4000 do
      local last = math.min(first + 3999, count)
      local values = redis.call('HMGET', KEYS[i], unpack(ARGV, from + first, from + last))
      for v = 1, #values do
        fields[#fields + 1] = ARGV[from + first + v - 1]
        fields[#fields + 1] = values[v]
      end
    end
    local snapshot = redis.call('HMGET', KEYS[i], 'nonce', 'snapshot')
    fields[#fields + 1] = 'snapshot'
    fields[#fields + 1] = snapshot[2]
    replies[i] = { 0, snapshot[1], fields }
  end
end
return replies
