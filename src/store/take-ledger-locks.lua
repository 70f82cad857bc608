#!lua
-- Takes the locks of several ledgers at once.
--
-- KEYS    lock of each ledger
-- ARGV    token of the batch, time to live in ms
-- Reply   per key 1 if the token holds the lock now, 0 if another does
--
-- The same call again gives the same answer: a client that lost the reply simply asks once more.

local held = {}
for i, key in ipairs(KEYS) do
  local taken = redis.call('SET', key, ARGV[1], 'NX', 'PX', ARGV[2])
  held[i] = (taken or redis.call('GET', key) == ARGV[1]) and 1 or 0
end
return held
