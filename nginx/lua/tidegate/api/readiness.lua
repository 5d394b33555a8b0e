-- Whether this NGINX should be sent traffic. NGINX answers itself, so that a crashing controller takes no replica out
-- of service. The mark is in the dictionary: every worker and every later generation sees it, a new start does not.
local document = require 'tidegate.live.document'
local reply = require 'tidegate.api.reply'
local request_body = require 'tidegate.api.request_body'

local M = {}

--- POST /v1/drain: not ready from now on, or ready again. Requests are served all the same.
function M.post_drain()
  local draining = request_body.field('draining')
  if type(draining) ~= 'boolean' then
    return reply.refuse(400, 'malformed', 'expected {"draining":true} or {"draining":false}')
  end
  document.set_draining(draining)
  reply.send(200, string.format('{"draining":%s}', draining))
end

--- GET /ready: 200, or 503 and why.
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
