-- Charges several limits at once, or none of them. The clock is the store's own, in microseconds, so nodes need not agree on the time.
-- KEYS: one for each charge. ARGV: 'charge' or 'settle', a name, then for each charge: kind, quota, window, amount, hold (both times in microseconds).
--   log       every charge of the last window by its name; the same name again is free. Never more than the quota in any window.
--   flow      GCRA as a continuous-state leaky bucket (ITU-T I.371): "at level"; the level runs out at quota / window.
--   reserved  a flow with reservations: what is held counts until it is settled, or until its hold is over.
-- An amount of 0 only looks. Answer: for each charge the amount used, and the milliseconds until it would fit and until more is there.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local operation, name = ARGV[1], ARGV[2]
local nothing = 0.000001 -- what sums of fractions may be off by

local function whole(number) return string.format('%.0f', number) end
local function exact(number) return string.format('%.17g', number) end

local function leaked(text, quota, window)
  local at, level = string.match(text or '', '^(%d+) (%S+)$')
  if not at then return 0 end
  return math.max(0, tonumber(level) - math.max(0, now - tonumber(at)) * quota / window)
end

-- Where a policy stands: used, and what stands in the way of the amount, as the wait in microseconds.
local read = {}

function read.log(s)
  redis.call('ZREMRANGEBYSCORE', s.key, '-inf', whole(now - s.window))
  s.used = redis.call('ZCARD', s.key)
  if s.amount > 0 and redis.call('ZSCORE', s.key, name) then s.amount = 0 end
  s.wait = 0
  if s.used + s.amount > s.quota then
    local first = math.max(0, s.used - s.quota)
    s.wait = tonumber(redis.call('ZRANGE', s.key, first, first, 'WITHSCORES')[2]) + s.window - now
  end
end

-- When so much less is used: either enough of the level runs out, or what is held comes back first, at the latest when its time is over.
local function less(s, amount)
  local unit = s.window / s.quota
  amount = amount - nothing
  local wait = math.max(s.released - now, (amount - s.held) * unit, 1)
  if amount <= s.level then wait = math.min(wait, amount * unit) end
  return wait
end

local function fit(s)
  s.used = s.level + s.held
  local over = s.used + s.amount - s.quota
  s.wait = 0
  if s.amount > 0 and over > nothing then s.wait = less(s, over) end
end

function read.flow(s)
  s.level, s.held, s.released = leaked(redis.call('GET', s.key) or '', s.quota, s.window), 0, now
  fit(s)
end

function read.reserved(s)
  local fields = redis.call('HGETALL', s.key)
  s.level, s.held, s.released = 0, 0, now
  for i = 1, #fields, 2 do
    if fields[i] == 'level' then
      s.level = leaked(fields[i + 1], s.quota, s.window)
    else
      local untilTime, amount = string.match(fields[i + 1], '^(%d+) (%d+)$')
      if tonumber(untilTime) <= now then
        redis.call('HDEL', s.key, fields[i])
      elseif fields[i] ~= 'hold ' .. name then
        s.held = s.held + tonumber(amount)
        s.released = math.max(s.released, tonumber(untilTime))
      end
    end
  end
  fit(s)
end

local function expire(s, extra)
  redis.call('PEXPIRE', s.key, whole(math.ceil((math.max(s.used, s.quota) * s.window / s.quota + extra) / 1000)))
end

local write = {}

function write.log(s)
  redis.call('ZADD', s.key, whole(now), name)
  redis.call('PEXPIRE', s.key, whole(math.ceil(s.window / 1000)))
end

function write.flow(s)
  s.level = s.used
  redis.call('SET', s.key, whole(now) .. ' ' .. exact(s.used), 'PX', whole(math.ceil(s.used * s.window / s.quota / 1000)))
end

function write.reserved(s)
  s.held, s.released = s.held + s.amount, math.max(s.released, now + s.hold)
  redis.call('HSET', s.key, 'hold ' .. name, whole(now + s.hold) .. ' ' .. whole(s.amount))
  expire(s, s.hold)
end

local function settle(s)
  redis.call('HDEL', s.key, 'hold ' .. name)
  s.level, s.used, s.wait = s.level + s.amount, s.used + s.amount, 0
  redis.call('HSET', s.key, 'level', whole(now) .. ' ' .. exact(s.level))
  expire(s, s.hold)
end

local standings, fits = {}, true
for i, key in ipairs(KEYS) do
  local a = 3 + (i - 1) * 5
  local s = {
    key = key, kind = ARGV[a], quota = tonumber(ARGV[a + 1]), window = tonumber(ARGV[a + 2]),
    amount = tonumber(ARGV[a + 3]), hold = tonumber(ARGV[a + 4]),
  }
  read[s.kind](s)
  fits = fits and s.wait == 0
  standings[i] = s
end

local answer = {}
for i, s in ipairs(standings) do
  if operation == 'settle' then
    settle(s)
  elseif fits and s.amount > 0 then
    s.used = s.used + s.amount
    write[s.kind](s)
  end
  local more = 0
  if s.kind == 'log' then
    local first = math.max(0, s.used - s.quota)
    local oldest = redis.call('ZRANGE', s.key, first, first, 'WITHSCORES')
    if oldest[2] then more = tonumber(oldest[2]) + s.window - now end
  elseif s.used > nothing then
    more = less(s, s.used - math.min(math.ceil(s.used - nothing), s.quota) + 1)
  end
  answer[i * 3 - 2] = math.ceil(s.used - nothing)
  answer[i * 3 - 1] = math.ceil(s.wait / 1000)
  answer[i * 3] = math.ceil(more / 1000)
end
return answer
