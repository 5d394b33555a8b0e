-- Refuses requests in all locations: by the client's address, which nginx.conf has looked up, by User-Agent and by
-- Referer.
local find = require('tidegate.values.pattern').find
local reason = require 'tidegate.values.reason'
local store = require 'tidegate.live.store'

local ngx = ngx
local lower = string.lower

local M = {}

local function is_blocked(list, value)
  if list.texts[lower(value)] then
    return true
  end
  for _, pattern in ipairs(list.patterns) do
    local from, _, failure = find(value, pattern, 'jos')
    if from then
      return true
    elseif failure then
      -- The match was aborted, for example because it took too long. The request is refused.
      ngx.log(ngx.ERR, 'tidegate: blocked headers: ', failure)
      return true
    end
  end
  return false
end

--- Ends the request with 403 if it is blocked.
function M.refuse()
  local var = ngx.var
  if var.tidegate_blocked == '1' then
    reason.note('blocked:block-cidrs')
    return ngx.exit(403)
  end
  local settings = store.settings()
  local agents, referers = settings.blocked_agents, settings.blocked_referers
  if agents and is_blocked(agents, var.http_user_agent or '') then
    reason.note('blocked:block-user-agents')
    return ngx.exit(403)
  end
  if referers and is_blocked(referers, var.http_referer or '') then
    reason.note('blocked:block-referers')
    return ngx.exit(403)
  end
end

return M
