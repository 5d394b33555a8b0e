-- Ends a client's connection with the current response. A `Connection` header of our own would be added to the one that
-- NGINX writes, which says keep-alive, and many clients read only the first one. NGINX decides by a bit of the request
-- that Lua cannot access, in a function that it calls for every location and that modules may call as well; one of the
-- reasons for which it clears the bit can be provoked from here: a POST of an old MSIE (the default of
-- `keepalive_disable`). So the request pretends to be one during that call.
local base = require 'resty.core.base'
local ffi = require 'ffi'

ffi.cdef [[
  /* How an ngx_http_request_t begins. */
  struct tidegate_request {
    uint32_t signature;
    void *connection;
    void **ctx;
    void **main_conf;
    void **srv_conf;
    void **loc_conf;
  };
  void ngx_http_update_location_config(void *request);
]]

local ngx = ngx

local SIGNATURE = 0x50545448
local BROWSER = 'MSIE 5.0'
local REQUEST = ffi.typeof('struct tidegate_request *')

local M = {}

-- Debian links NGINX so that its modules find its functions. If a build does not, connections are kept.
local found, update = pcall(function()
  return ffi.C.ngx_http_update_location_config
end)

local function as_old_browser(request, method)
  local browser = ngx.var.http_user_agent
  ngx.req.set_header('User-Agent', BROWSER)
  ngx.req.set_method(ngx.HTTP_POST)
  update(request)
  ngx.req.set_method(method)
  if browser then
    ngx.req.set_header('User-Agent', browser)
  else
    ngx.req.clear_header('User-Agent')
  end
end

--- Makes NGINX answer this HTTP/1 request with `Connection: close` and close it. To be called before the response has
--- begun. A request with a method that NGINX does not know keeps its connection.
function M.forbid()
  local request = ffi.cast(REQUEST, base.get_request())
  local method = ngx['HTTP_' .. ngx.req.get_method()]
  if not found or not method or request.signature ~= SIGNATURE then
    return
  end
  local location = request.loc_conf
  as_old_browser(request, method)
  -- `limit_except` may have sent the POST elsewhere.
  request.loc_conf = location
  update(request)
end

return M
