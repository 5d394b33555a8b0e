-- The 404 response if there is no default backend: the same page as NGINX's own, as in ingress-nginx. Lua writes the
-- page, because after a plain `ngx.exit(404)` NGINX would use an error page of `custom-http-errors`.
local reason = require 'tidegate.values.reason'

local ngx = ngx
local NOT_FOUND = table.concat({
  '<html>',
  '<head><title>404 Not Found</title></head>',
  '<body>',
  '<center><h1>404 Not Found</h1></center>',
  '<hr><center>nginx</center>',
  '</body>',
  '</html>',
  '',
}, '\r\n')

local M = {}

--- Ends the request with 404.
function M.answer()
  reason.note('no-route')
  ngx.status = 404
  ngx.header['Content-Type'] = 'text/html'
  ngx.header['Content-Length'] = #NOT_FOUND
  ngx.print(NOT_FOUND)
  return ngx.exit(404)
end

return M
