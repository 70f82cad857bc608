#!lua
-- Sends a budget alert once: appends its event to the log and marks it as sent, both or none.
--
-- KEYS  1 budget of the scope, 2 log
-- ARGV  1 threshold, 2 event as JSON text, 3 life of a budget in ms
-- Reply 1 sent now, 0 sent before
local budget = redis.call('HMGET', KEYS[1], 'sent', 'e')
local sent = budget[1] or ' '
if string.find(sent, ' ' .. ARGV[1] .. ' ', 1, true) then return 0 end
local kind = redis.call('TYPE', KEYS[2]).ok
if kind ~= 'stream' and kind ~= 'none' then return redis.error_reply('WRONGKEY ' .. KEYS[2] .. ' is a ' .. kind) end
redis.call('XADD', KEYS[2], '*', 'event', ARGV[2])
redis.call('HSET', KEYS[1], 'sent', sent .. ARGV[1] .. ' ')
if not budget[2] then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
