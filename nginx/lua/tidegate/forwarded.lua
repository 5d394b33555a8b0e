-- What a trusted proxy in front says about the request: scheme, host and port, as the variables that nginx.conf sends
-- on. `$tidegate_trusted` is 1 where the peer is one of proxy-real-ip-cidr; everybody else's headers are not read.
local ngx = ngx
local find = string.find
local match = string.match

local M = {}

--- First item of a comma-separated header, or nil where it is absent or empty.
local function first(value)
  if not value then
    return nil
  end
  local item = match(value, '^%s*([^,]-)%s*,') or match(value, '^%s*(.-)%s*$')
  return item ~= '' and item or nil
end

local function own_port(var, scheme)
  return scheme == 'https' and var.tidegate_https_port or var.tidegate_http_port
end

--- Sets $tidegate_scheme, $tidegate_host and $tidegate_port.
function M.set()
  local var = ngx.var
  local scheme, host, port = var.scheme, var.http_host or var.host, nil
  if var.tidegate_trusted == '1' then
    local said = first(var.http_x_forwarded_proto)
    if said == 'http' or said == 'https' then
      scheme = said
    end
    local said_host = first(var.http_x_forwarded_host)
    -- A name or address with an optional port; anything else could end up in a Location.
    if said_host and find(said_host, '^[%w%.%-%[%]:_]+$') then
      host = said_host
    end
    local said_port = first(var.http_x_forwarded_port)
    if said_port and find(said_port, '^%d%d?%d?%d?%d?$') then
      port = said_port
    end
  end
  var.tidegate_scheme = scheme
  var.tidegate_host = host
  var.tidegate_port = port or own_port(var, scheme)
end

return M
