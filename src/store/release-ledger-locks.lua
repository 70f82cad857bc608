#!lua flags=allow-oom
-- Releases the locks of several ledgers, each only if its token still holds it.
--
-- KEYS    lock of each ledger
-- ARGV    token of the batch
-- Reply   number of locks released

local released = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then released = released + redis.call('DEL', key) end
end
return released
