-- With --strict-access, responses that need no backend are sent only after address lists and authentication have
-- admitted the request. Both belong to NGINX's access phase, and with `satisfy any` no Lua code runs after it.
-- Therefore the location decides before the access phase (`set_by_lua`) whether Lua will answer the request. If so, an
-- `if` block with the same access rules handles the request, and its content phase sends the response.
local early_answer = require 'tidegate.request.early_answer'
local not_found = require 'tidegate.request.not_found'
local reason = require 'tidegate.values.reason'
local route_id = require 'tidegate.live.route_id'
local router = require 'tidegate.request.router'
local store = require 'tidegate.live.store'

local ngx = ngx

local M = {}

--- Returns the value of $tidegate_answer: `1` if `answer` has to end the request after it was admitted, otherwise
--- empty.
function M.early()
  local route, goes_on = router.prepare()
  -- Requests of a path that refuses all clients are ended by `admit`.
  if not route or route.deny then
    return ''
  end
  local _, status = early_answer.find(route)
  return (status or not goes_on) and '1' or ''
end

--- The content phase of a request that Lua answers. The live data may have changed since `early`. If there is no
--- response anymore, the request ends with 503, because it cannot be sent to a backend in this phase.
function M.answer()
  local route = store.route(route_id.get())
  if not route then
    reason.note('no-live-data')
    return ngx.exit(503)
  end
  early_answer.answer(route)
  if not route.backend then
    return not_found.answer()
  end
  reason.note('no-endpoints')
  return ngx.exit(503)
end

return M
