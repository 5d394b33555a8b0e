-- Evaluates the headers of an upstream proxy: sets scheme, host and port, as variables that nginx.conf sends to
-- backends, and with PROXY protocol the list of addresses in which NGINX searches for the client's address.
-- `$tidegate_trusted` is 1 if the peer's address is in proxy-real-ip-cidr. `$tidegate_trusted_proxy` is 1 if the
-- address that the peer sent with PROXY protocol is in proxy-real-ip-cidr too. Headers of other peers are ignored.
local ngx = ngx
local concat = table.concat
local find = string.find
local match = string.match

local M = {}

local headers = false
local proxy_protocol = false
local address_header, address_header_from

--- Options of `init`. Returns whether scheme, host and port may differ from those of the connection, and whether `set`
--- must be called for each request.
function M.configure(options)
  headers = options.forwarded == true
  proxy_protocol = options.proxy_protocol == true
  address_header = options.address_header
  address_header_from = address_header and string.lower(options.address_header_from)
  local believes = headers or proxy_protocol
  return believes, believes or address_header ~= nil
end

--- The first item of a comma-separated header, or nil if the header is absent or the item is empty.
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

--- The address without the port that some proxies append; nil if the item is not an address.
local function bare(item)
  return match(item, '^%s*(%d+%.%d+%.%d+%.%d+):?%d*%s*$') or match(item, '^%s*%[?([%x:.]*:[%x:.]*)%]?:?%d*%s*$')
end

--- The client's address as NGINX will determine it after this phase: if the peer is trusted, the last untrusted address
--- in the list. `$remote_addr` must not be read before NGINX has set it, because NGINX would cache the old value.
local function client_of(var, list, peer)
  local client = peer
  if var.tidegate_trusted ~= '1' then
    return client
  end
  local items = {}
  for item in string.gmatch(list, '[^,]+') do
    items[#items + 1] = item
  end
  for i = #items, 1, -1 do
    local address = bare(items[i])
    if not address then
      break
    end
    client = address
    var.tidegate_candidate = address
    if var.tidegate_trusted_candidate ~= '1' then
      break
    end
  end
  return client
end

--- Writes the header that real_ip_header reads after this phase, and replaces a header of this name from the client.
--- Also sets $tidegate_client, for steps that run before NGINX has determined the client's address.
local function write_addresses(var, believed, peer)
  local list = {}
  local said = believed and ngx.req.get_headers(0)[address_header_from]
  if type(said) == 'table' then
    said = concat(said, ', ')
  end
  list[1] = said or nil
  list[#list + 1] = var.proxy_protocol_addr
  if var.realip_remote_addr == 'unix:' then
    list[#list + 1] = peer
  end
  list = concat(list, ', ')
  ngx.req.set_header(address_header, list)
  var.tidegate_client = client_of(var, list, peer)
end

--- Whether the address that the peer sent with PROXY protocol is a trusted proxy, so that its headers count. If NGINX
--- proxied the connection to itself, an address that equals the peer's means that the peer sent none.
local function trusts_sender(var, peer)
  local address = var.proxy_protocol_addr or ''
  if not proxy_protocol then
    return address == '' or var.tidegate_trusted_proxy == '1'
  end
  local sent = var.realip_remote_addr ~= 'unix:' or address ~= peer
  return sent and var.tidegate_trusted_proxy == '1'
end

--- Sets $tidegate_scheme, $tidegate_host and $tidegate_port.
function M.set()
  local var = ngx.var
  local peer = address_header and (var.tidegate_peer or var.realip_remote_addr)
  local believes_sender = not address_header or trusts_sender(var, peer)
  if address_header then
    write_addresses(var, believes_sender, peer)
    if not (headers or proxy_protocol) then
      return
    end
  end
  local scheme, host, port = var.scheme, var.tidegate_asked_host, nil
  local trusted = var.tidegate_trusted == '1'
  local believed = headers and trusted and believes_sender
  if believed then
    local said = first(var.http_x_forwarded_proto)
    if said == 'http' or said == 'https' then
      scheme = said
    end
    local said_host = first(var.http_x_forwarded_host)
    -- Only a name or address with an optional port is accepted, because the host is used in Location headers.
    if said_host and find(said_host, '^[%w%.%-%[%]:_]+$') then
      host = said_host
    end
    local said_port = first(var.http_x_forwarded_port)
    if said_port and find(said_port, '^%d%d?%d?%d?%d?$') then
      port = said_port
    end
  end
  if proxy_protocol and trusted and var.proxy_protocol_server_port == '443' then
    scheme = 'https'
  end
  var.tidegate_scheme = scheme
  var.tidegate_host = host
  var.tidegate_port = port or own_port(var, scheme)
end

return M
