#!lua flags=allow-oom
-- Counts a request against a bucket unless that would pass its limit.
--
-- KEYS  1 bucket: a hash slot -> requests, where a slot is SLOT seconds of Redis' clock
-- ARGV  1 limit, 2 window in seconds, 3 slot in seconds (divides the window), 4 how many to count (negative gives back)
-- Reply { allowed 0/1, remaining, unix second at which the oldest counted requests leave the window, now in unix s }
--
-- Slots that may overlap the window count whole, so in no window of that length do more than `limit` pass.
-- One bucket is shared by all processes; the time is Redis' own. A bucket is small and ends by itself, so it may be
-- written when memory is full: reading must still be possible then.
local limit, window, slot_s, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local now = tonumber(redis.call('TIME')[1])
local slot = math.floor(now / slot_s)
local slots = window / slot_s
local counted, oldest = 0, slot
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local at = tonumber(entries[i])
  if at < slot - slots then
    redis.call('HDEL', KEYS[1], entries[i])
  else
    counted = counted + tonumber(entries[i + 1])
    if at < oldest then oldest = at end
  end
end
local reset = (oldest + slots + 1) * slot_s
if counted + cost > limit then return { 0, 0, reset, now } end
if cost ~= 0 then
  redis.call('HINCRBY', KEYS[1], slot, cost)
  redis.call('EXPIRE', KEYS[1], 2 * window)
end
return { 1, limit - counted - cost, reset, now }
