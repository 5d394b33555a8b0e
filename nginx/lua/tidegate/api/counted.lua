-- GET /v1/metrics: hands over what the workers have counted about requests. `?epoch=<epoch>&after=<number>` confirms
-- the reports of this epoch up to this number, which are then deleted.
local reply = require 'tidegate.api.reply'
local reports = require 'tidegate.metrics.reports'

local M = {}

function M.get()
  if not reports.opened() then
    return reply.refuse(404, 'off', 'nginx.conf turns metrics of requests off')
  end
  local given = ngx.req.get_uri_args(4)
  local after = tonumber(given.after or 0)
  if not after or after < 0 or after % 1 ~= 0 then
    return reply.refuse(400, 'malformed', 'after: expected the number of a report, for example 7')
  end
  local epoch, found, more = reports.next(given.epoch, after)
  local parts = { epoch .. ' ' .. (more and 1 or 0) .. '\n' }
  for _, each in ipairs(found) do
    parts[#parts + 1] = each[1] .. ' ' .. #each[2] .. '\n' .. each[2]
  end
  ngx.header['Content-Type'] = 'text/plain'
  ngx.print(parts)
end

return M
