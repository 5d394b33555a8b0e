-- --strict-access: responses that need no backend come after address lists and authentication. These belong to NGINX's
-- access phase, and if one of several is enough (satisfy any), no Lua runs after it. So the location decides before
-- them all (`set_by_lua`) whether it will respond itself, and then becomes another one (`if`) with the same access
-- rules and its own content.
local early_answer = require 'tidegate.request.early_answer'
local not_found = require 'tidegate.request.not_found'
local route_id = require 'tidegate.live.route_id'
local router = require 'tidegate.request.router'
local store = require 'tidegate.live.store'

local ngx = ngx

local M = {}

--- The value of $tidegate_answer: `1` if `answer` will end the request, once it is admitted.
function M.early()
  local route, goes_on = router.prepare()
  -- A path that admits no clients is refused at once.
  if not route or route.deny then
    return ''
  end
  local _, status = early_answer.find(route)
  return (status or not goes_on) and '1' or ''
end

--- The content phase of a location that responds itself. The live data may have changed since: if there is no longer a
--- response, the backend cannot be used either.
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
