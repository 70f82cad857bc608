-- Decides which redrive of a dead letter is the one that happens.
--
-- KEYS  1 dead letters (stream), 2 record of this letter's redrive (hash), 3 redriven letters (zset by ms)
-- ARGV  1 id of the letter, 2 digest of the edited event or '' for the original, 3 redrive id, 4 event id,
--       5 time, 6 who, 7 ms part of the letter's id
-- Reply { 'GONE' } no such letter | { 'OTHER' } redriven with another event
--       { 'CLAIMED' | 'DONE', redrive id, event id, time, who, digest of the edited event or '' }
-- A claim that was not finished is handed out again: publishing is idempotent by event id. Who asks again without
-- an event only wants to know what became of it.
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return { 'GONE' } end
local record = redis.call('HMGET', KEYS[2], 'edited_sha256', 'redrive_id', 'event_id', 'at', 'by', 'done')
if not record[2] then
  redis.call('HSET', KEYS[2], 'edited_sha256', ARGV[2], 'redrive_id', ARGV[3], 'event_id', ARGV[4], 'at', ARGV[5], 'by', ARGV[6])
  redis.call('ZADD', KEYS[3], ARGV[7], ARGV[1])
  return { 'CLAIMED', ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[2] }
end
if record[1] ~= ARGV[2] and not (record[6] and ARGV[2] == '') then return { 'OTHER' } end
return { record[6] and 'DONE' or 'CLAIMED', record[2], record[3], record[4], record[5], record[1] }
