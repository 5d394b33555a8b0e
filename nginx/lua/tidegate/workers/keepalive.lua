-- Makes NGINX close a client's connection after the current response. A `Connection` header that Lua sets would be sent
-- in addition to NGINX's own header, which says keep-alive, and many clients read only the first one. NGINX decides by
-- a bit of the request to which Lua has no access. NGINX sets and clears the bit in a function that it calls for every
-- location, and that other code may call too. One reason for clearing it is a POST request of an old MSIE (the default
-- of `keepalive_disable`). Therefore this module gives the request that method and that User-Agent, calls the function,
-- and restores both.
local base = require 'resty.core.base'
local ffi = require 'ffi'

ffi.cdef [[
  /* The beginning of ngx_http_request_t. */
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

-- Debian links NGINX so that modules can find its functions. With a build of NGINX in which that is not possible,
-- connections are not closed.
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

--- Makes NGINX answer this HTTP/1 request with `Connection: close` and then close the connection. It has to be called
--- before the response begins. If NGINX does not know the method of the request, the connection is kept.
function M.forbid()
  local request = ffi.cast(REQUEST, base.get_request())
  local method = ngx['HTTP_' .. ngx.req.get_method()]
  if not found or not method or request.signature ~= SIGNATURE then
    return
  end
  local location = request.loc_conf
  as_old_browser(request, method)
  -- `limit_except` may have changed the location's configuration for the method POST.
  request.loc_conf = location
  update(request)
end

return M
