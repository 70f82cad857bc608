-- What a request may find before it is admitted: a cached answer, and how much of the rate limit is left.
-- Follows buckets.lua. Changes nothing but when a cached answer was last used.
--
-- KEYS  1 index of the cache, then what the items name
-- ARGV  per item: [ bucket, requests limit, tokens limit, answer ], sha256; keys by their index, answer 0 = none wanted
-- Reply flat, per item: answer or nil, four of the rate limit
local reply, n = {}, 0
local used, used_count = {}, 0
for i = 1, #ARGV, 2 do
  local plan = decode(ARGV[i])
  local answer = plan[4] > 0 and call('GET', KEYS[plan[4]])
  if answer then
    used[used_count + 1], used[used_count + 2] = whole(now_ms), ARGV[i + 1] .. ':' .. #answer
    used_count = used_count + 2
  end
  reply[n + 1] = answer
  n = append_rate(reply, n + 1, bucket_of(plan[1], plan[2], plan[3]), plan[2], plan[3])
end
if used_count > 0 then call('ZADD', KEYS[1], 'XX', unpack(used)) end
return reply
