-- The time and the token buckets, for the scripts that follow.
--
-- A provider's buckets are one hash: r, t what requests and tokens have left, in millionths, at `at` (Unix µs); e when
-- it was last given its life (Unix ms). Absent = full. They fill continuously, by Redis' clock, up to the limit per
-- minute. Numbers are written as `whole` does: a number handed to call() is formatted as a float, which takes longer than
-- most commands.
local call, format = redis.call, string.format
local time = call('TIME')
local now_us = time[1] * 1000000 + time[2]
local now_ms = math.floor(now_us / 1000)

-- Plans and items are JSON arrays of integers below 2^53: that is the fastest way to read them.
local decode = cjson.decode

local MINUTE_US, MILLION, LEVEL_MAX = 60000000, 1000000, 9e18
-- An idle bucket is full after a minute.
local BUCKET_LIFE_MS, BUCKET_RENEW_MS = 120000, 30000
-- Rounding must not keep out who waited exactly as long as told.
local EPSILON = 0.000001
local buckets = {}

-- An integer below 2^63 as text.
local function whole(number) return format('%d', number) end

local function filled(level, limit, elapsed_us)
  if limit == 0 then return 0 end
  if not level then return limit end
  return math.max(0, math.min(limit, level / MILLION + elapsed_us * limit / MINUTE_US))
end

-- Reads a bucket once per call, with the limits of its first user. A limit of 0 is none.
local function bucket_of(index, requests_limit, tokens_limit)
  local bucket = buckets[index]
  if bucket then return bucket end
  local stored = call('HMGET', KEYS[index], 'r', 't', 'at', 'e')
  local at = tonumber(stored[3]) or now_us
  local elapsed = math.max(0, now_us - at)
  bucket = {
    r = filled(tonumber(stored[1]), requests_limit, elapsed),
    t = filled(tonumber(stored[2]), tokens_limit, elapsed),
    at = math.max(at, now_us),
    e = tonumber(stored[4]) or 0,
  }
  buckets[index] = bucket
  return bucket
end

-- Appends { requests left, full at (unix s), tokens left, full at }; -1 for a bucket that is off.
local function append_rate(reply, n, bucket, requests_limit, tokens_limit)
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = -1, 0, -1, 0
  if requests_limit > 0 then
    reply[n + 1] = math.floor(bucket.r + EPSILON)
    reply[n + 2] = math.ceil((now_us + (requests_limit - bucket.r) / requests_limit * MINUTE_US) / MILLION)
  end
  if tokens_limit > 0 then
    reply[n + 3] = math.floor(bucket.t + EPSILON)
    reply[n + 4] = math.ceil((now_us + (tokens_limit - bucket.t) / tokens_limit * MINUTE_US) / MILLION)
  end
  return n + 4
end

local function save_buckets()
  for index, bucket in pairs(buckets) do
    if bucket.changed then
      local renew = now_ms - bucket.e >= BUCKET_RENEW_MS
      local r = whole(math.min(bucket.r * MILLION + 0.5, LEVEL_MAX))
      local t = whole(math.min(bucket.t * MILLION + 0.5, LEVEL_MAX))
      if renew then
        call('HSET', KEYS[index], 'r', r, 't', t, 'at', whole(bucket.at), 'e', whole(now_ms))
        call('PEXPIRE', KEYS[index], BUCKET_LIFE_MS)
      else
        call('HSET', KEYS[index], 'r', r, 't', t, 'at', whole(bucket.at))
      end
    end
  end
end
