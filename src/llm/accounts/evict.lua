#!lua flags=allow-oom
-- Takes answers out of the cache.
--
-- KEYS  1 index: zset of '<sha256>:<bytes>' by last use (Unix ms) and of 'bytes' by minus their sum; then one answer each
-- ARGV  1 what an entry costs beside its bytes, then one member of the index per answer
-- An answer that was replaced by one of another size is left to its own member.
local freed = 0
for i = 2, #KEYS do
  local bytes = tonumber(string.match(ARGV[i], ':(%d+)$'))
  if redis.call('ZREM', KEYS[1], ARGV[i]) == 1 then
    freed = freed + bytes + ARGV[1]
    if redis.call('STRLEN', KEYS[i]) == bytes then redis.call('UNLINK', KEYS[i]) end
  end
end
if freed > 0 then redis.call('ZINCRBY', KEYS[1], freed, 'bytes') end
return freed
