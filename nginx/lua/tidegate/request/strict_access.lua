-- --strict-access: answers that need no backend come after address lists and authentication. These are of NGINX's access
-- phase, and where one of several was enough (satisfy any), no Lua runs behind it. So the location decides before them all
-- (`set_by_lua`) whether it will answer by itself, and is then another one (`if`) with the same rules of access and content
-- of its own.
local early_answer = require 'tidegate.request.early_answer'
local not_found = require 'tidegate.request.not_found'
local route_id = require 'tidegate.live.route_id'
local router = require 'tidegate.request.router'
local store = require 'tidegate.live.store'

local ngx = ngx

local M = {}

--- The value of $tidegate_answer: `1` where `answer` is to end the request, once it is let in.
function M.early()
  local route, goes_on = router.prepare()
  -- What nobody is let in to is refused at once.
  if not route or route.deny then
    return ''
  end
  local _, status = early_answer.find(route)
  return (status or not goes_on) and '1' or ''
end

--- The content phase of a location that answers by itself. The live data may have changed since: where nothing is left to
-- say, the backend cannot be asked any more.
function M.answer()
  local route = store.route(route_id.get())
  if not route then
    return ngx.exit(503)
  end
  early_answer.answer(route)
  if not route.backend then
    return not_found.answer()
  end
  return ngx.exit(503)
end

return M
