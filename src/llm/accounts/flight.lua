-- Who makes a call that several requests want, and what comes of it.
--
-- KEYS  1 flight: 'L<ms until which somebody waits>:<token>' held | 'V<value>' result | 'F<value>' failure; absent: free
-- ARGV  1 what, 2 token, 3 for ms (of a lease, of a value), 4 value or for how many ms one who waits counts
-- Reply join, follow  { 'LEAD' } | { 'WAIT' } | follow: { 'VALUE' or 'FAILURE', value } | join: { 'ALONE' }
--         What came of a call belongs to those who waited for it. Who joins later begins anew: after a failure as the
--         next leader; after a result by itself, since the result is still being read.
--       renew 1 held, 0 lost | waited 1 somebody waits, 0 | fail, release 1 done, 0 not held
local what, token = ARGV[1], ARGV[2]
local stored = redis.call('GET', KEYS[1])
local waited_until, holder = string.match(stored or '', '^L(%d+):(.*)$')
if what == 'join' or what == 'follow' then
  local state = stored and string.sub(stored, 1, 1)
  if not stored or (what == 'join' and state == 'F') then
    redis.call('SET', KEYS[1], 'L0:' .. token, 'PX', ARGV[3])
    return { 'LEAD' }
  end
  if state == 'V' then return what == 'join' and { 'ALONE' } or { 'VALUE', string.sub(stored, 2) } end
  if state == 'F' then return { 'FAILURE', string.sub(stored, 2) } end
  if holder == token then return { 'LEAD' } end
  local time = redis.call('TIME')
  local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
  if waited_until - now_ms < ARGV[4] / 2 then
    redis.call('SET', KEYS[1], string.format('L%.0f:%s', now_ms + ARGV[4], holder), 'KEEPTTL')
  end
  return { 'WAIT' }
end
if holder ~= token then return 0 end
if what == 'renew' then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
elseif what == 'waited' then
  local time = redis.call('TIME')
  return waited_until * 1000 > time[1] * 1000000 + time[2] and 1 or 0
elseif what == 'fail' then
  redis.call('SET', KEYS[1], 'F' .. ARGV[4], 'PX', ARGV[3])
else
  redis.call('DEL', KEYS[1])
end
return 1
