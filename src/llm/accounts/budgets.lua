-- Budgets, for the scripts that follow. A scope is one hash: spent, reserved (nano-USD); sent: thresholds whose alert
-- was sent, as ' 80 100 '; refused: 1 once a call did not fit; e when it was last given its life (Unix ms).
-- In a plan, scopes are pairs of key index and limit, from FIRST_SCOPE on.
local BUDGET_LIFE_MS, BUDGET_RENEW_MS = 34560000000, 86400000
local budgets = {}

local function budget_of(index)
  local budget = budgets[index]
  if budget then return budget end
  local stored = call('HMGET', KEYS[index], 'spent', 'reserved', 'sent', 'refused', 'e')
  budget = {
    spent = tonumber(stored[1]) or 0,
    reserved = tonumber(stored[2]) or 0,
    sent = stored[3] or ' ',
    refused = stored[4] == '1',
    e = tonumber(stored[5]) or 0,
  }
  budgets[index] = budget
  return budget
end

-- Appends the number of alerts that are due in a plan's scopes, and for each { which scope, threshold, spent }.
-- An alert is due until it was sent: whoever finds it may die before sending it.
local function append_alerts(reply, n, plan, first_scope, percentage)
  local count_at, count = n + 1, 0
  n = count_at
  for s = first_scope, #plan, 2 do
    local budget, limit = budget_of(plan[s]), plan[s + 1]
    local reached = limit > 0 and percentage > 0 and budget.spent >= limit * percentage / 100
    if reached and not string.find(budget.sent, ' ' .. percentage .. ' ', 1, true) then
      reply[n + 1], reply[n + 2], reply[n + 3] = (s - first_scope) / 2, percentage, budget.spent
      n, count = n + 3, count + 1
    end
    if budget.refused and not (reached and percentage == 100) and not string.find(budget.sent, ' 100 ', 1, true) then
      reply[n + 1], reply[n + 2], reply[n + 3] = (s - first_scope) / 2, 100, budget.spent
      n, count = n + 3, count + 1
    end
  end
  reply[count_at] = count
  return n
end

local function save_budgets()
  for index, budget in pairs(budgets) do
    if budget.changed then
      local renew = now_ms - budget.e >= BUDGET_RENEW_MS
      local spent, reserved = whole(budget.spent), whole(budget.reserved)
      if renew or budget.newly_refused then
        local refused = budget.refused and '1' or '0'
        call('HSET', KEYS[index], 'spent', spent, 'reserved', reserved, 'refused', refused, 'e', whole(now_ms))
        call('PEXPIRE', KEYS[index], BUDGET_LIFE_MS)
      else
        call('HSET', KEYS[index], 'spent', spent, 'reserved', reserved)
      end
    end
  end
end
