-- Claims an idempotency key, or tells what became of it.
--
-- KEYS  1 record: hash of fingerprint, seed, lease_until (ms), response
-- ARGV  1 fingerprint of the request, 2 seed to use if the key is new, 3 lease in ms, 4 life of the record in ms
-- Reply { 'NEW' | 'AGAIN', seed } the caller must run the request; ids derived from the seed are the same every time
--       { 'DONE', response } | { 'RUNNING' } | { 'OTHER' } another request used this key
local record = redis.call('HMGET', KEYS[1], 'fingerprint', 'seed', 'lease_until', 'response')
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local lease_until = now + tonumber(ARGV[3])
if not record[1] then
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'seed', ARGV[2], 'lease_until', lease_until)
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  return { 'NEW', ARGV[2] }
end
if record[1] ~= ARGV[1] then return { 'OTHER' } end
if record[4] then return { 'DONE', record[4] } end
if tonumber(record[3]) > now then return { 'RUNNING' } end
redis.call('HSET', KEYS[1], 'lease_until', lease_until)
return { 'AGAIN', record[2] }
