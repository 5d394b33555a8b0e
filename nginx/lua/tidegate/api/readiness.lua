-- Reports whether this NGINX should get traffic. NGINX answers the probe itself, so that a crash of the controller does
-- not take the replica out of service. The mark set by POST /v1/drain is in the dictionary, so that all workers and
-- later generations see it. It is lost when NGINX is restarted.
local document = require 'tidegate.live.document'
local reply = require 'tidegate.api.reply'
local request_body = require 'tidegate.api.request_body'

local M = {}

--- POST /v1/drain: makes NGINX report that it is not ready, or that it is ready again. Requests are served in both
--- cases.
function M.post_drain()
  local draining = request_body.field('draining')
  if type(draining) ~= 'boolean' then
    return reply.refuse(400, 'malformed', 'expected {"draining":true} or {"draining":false}')
  end
  document.set_draining(draining)
  reply.send(200, string.format('{"draining":%s}', draining))
end

--- GET /ready: answers 200, or 503 with the reason.
function M.answer()
  local reason
  if document.draining() then
    reason = 'draining'
  elseif document.version() < 1 then
    reason = 'no live data yet'
  end
  ngx.status = reason and 503 or 200
  ngx.header['Content-Type'] = 'text/plain'
  ngx.say(reason or 'ready')
end

return M
