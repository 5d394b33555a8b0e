-- The answer of an installation without a default backend.
local ngx = ngx
local NOT_FOUND = 'default backend - 404\n'

local M = {}

--- Ends the request.
function M.answer()
  ngx.status = 404
  ngx.header['Content-Type'] = 'text/plain'
  ngx.header['Content-Length'] = #NOT_FOUND
  ngx.print(NOT_FOUND)
  return ngx.exit(404)
end

return M
