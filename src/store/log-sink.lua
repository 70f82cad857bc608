-- Keeps log lines, oldest out first.
--
-- KEYS  1 stream
-- ARGV  1 entries to keep, then for each line: number of fields, their names and values in turn
-- A line sent twice is there twice: nothing rests on their number.
local i = 2
while ARGV[i] do
  local count = tonumber(ARGV[i])
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(ARGV, i + 1, i + count))
  i = i + count + 1
end
