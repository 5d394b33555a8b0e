-- The rewrite phase of a mirror location (nginx's `mirror`). It runs in a subrequest, which shares all variables with
-- the main request, so it writes only variables that the main request does not use. The client does not notice failures
-- here.
local request_state = require 'tidegate.balance.request_state'
local store = require 'tidegate.live.store'

local ngx = ngx
local var = ngx.var
local byte, sub = string.byte, string.sub
local DOLLAR, SLASH = 36, 47

local M = {}

local function value_of(piece)
  if piece == '$http_host' then
    return var.tidegate_host
  end
  if byte(piece, 1) == DOLLAR then
    return var[sub(piece, 2)] or ''
  end
  return piece
end

local function uri_of(pieces)
  local parts = {}
  for i, piece in ipairs(pieces) do
    parts[i] = value_of(piece)
  end
  local uri = table.concat(parts)
  return byte(uri, 1) == SLASH and uri or '/' .. uri
end

--- Prepares the mirrored request, or ends it. Upgrade requests are not mirrored, because a connection cannot be
--- upgraded twice. A request that is not a subrequest is refused, because it came through a backend's X-Accel-Redirect.
function M.send()
  if not ngx.is_subrequest then
    return ngx.exit(404)
  end
  store.sync()
  local route = store.route(var.tidegate_mirror)
  local has_target = route and route.mirror and store.has_endpoints(route.backend)
  -- With --strict-access, this also runs for requests that are answered without a backend.
  if not has_target or var.http_upgrade or var.tidegate_answer == '1' then
    return ngx.exit(204)
  end
  var.tidegate_mirror_host = value_of(route.mirror.host)
  var.tidegate_mirror_uri = uri_of(route.mirror.uri)
  request_state.take(route)
end

return M
