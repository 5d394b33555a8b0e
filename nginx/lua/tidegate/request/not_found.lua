-- The response of an installation without a default backend: NGINX's own page, as in ingress-nginx. It is written here,
-- because after a plain `ngx.exit` NGINX would use a page of `custom-http-errors`.
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

--- Ends the request.
function M.answer()
  ngx.status = 404
  ngx.header['Content-Type'] = 'text/html'
  ngx.header['Content-Length'] = #NOT_FOUND
  ngx.print(NOT_FOUND)
  return ngx.exit(404)
end

return M
