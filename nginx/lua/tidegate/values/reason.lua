-- `$tidegate_reason`: why a request got its response, if that was not simply the backend's response with a status below
-- 400. docs/reasons.md lists the values. Lua notes its own decisions when it makes them; the reasons for responses of
-- NGINX are derived from NGINX's variables at the end.
local last = require('tidegate.values.attempts').last

local ngx = ngx
local var = ngx.var
local find = string.find

local M = {}

local writes = false
local exposes = false
local counts = false

--- Options of `init`: `log_reason` (a log format contains $tidegate_reason), `expose_reason` (responses have a header
--- with it) and `metrics` (reasons are counted).
function M.configure(options)
  exposes = options.expose_reason == true
  counts = options.metrics ~= nil
  writes = options.log_reason == true or exposes or counts
end

--- Whether responses have a header with the reason.
function M.is_exposed()
  return exposes
end

local function assign(reason)
  var.tidegate_reason = reason
end

--- Sets the variable. A template of the administrator may lack it, and requests must not fail because of that.
local function write(reason)
  if writes and not pcall(assign, reason) then
    writes = false
    ngx.log(ngx.ERR, 'tidegate: nginx.conf does not define $tidegate_reason')
  end
end

--- Notes the reason for the response that Lua is about to produce.
M.note = write

--- Notes a reason that names the annotation or setting behind it, such as `redirect:app-root`.
function M.note_for(reason, key)
  write(reason .. ':' .. key)
end

--- The reason for a status that NGINX caused while it tried to reach a backend, or nil if no backend was tried.
local function of_backend(status)
  if not var.upstream_status then
    return nil
  elseif last(var.upstream_header_time) then
    return 'backend'
  end
  local connected = last(var.upstream_connect_time)
  if status == 504 then
    return connected and 'backend-timeout' or 'backend-connect-timeout'
  elseif status == 502 then
    return connected and 'backend-closed' or 'backend-refused'
  end
end

local LIMITED = { REJECTED = true }
-- Reasons for statuses that NGINX sends by itself. For 494 to 497, `ngx.status` is 400.
local OWN_STATUS = {
  [400] = 'bad-request',
  [403] = 'denied-by-list',
  [404] = 'no-route',
  [405] = 'bad-method',
  [408] = 'client-timeout',
  [413] = 'body-too-large',
  [414] = 'uri-too-large',
  [421] = 'wrong-host',
  [499] = 'client-closed',
  [500] = 'internal-error',
  [501] = 'bad-request',
  [505] = 'bad-request',
}

--- The reason for a response that Lua did not cause.
local function of_nginx(status)
  if LIMITED[var.limit_req_status] then
    return 'limited:requests'
  elseif LIMITED[var.limit_conn_status] then
    return 'limited:connections'
  elseif status == 499 and last(var.upstream_status) ~= '499' then
    return 'client-closed'
  end
  local refused = var.tidegate_auth_reason
  if refused and refused ~= '' then
    return refused
  end
  local reason = of_backend(status)
  if reason then
    return reason
  elseif status == 401 then
    return 'auth-basic'
  elseif status == 500 and (var.tidegate_auth_uri or '') ~= '' then
    -- The answer of the authentication service was not valid HTTP.
    return 'auth-failed'
  elseif status == 400 and find(var.ssl_client_verify or '', '^FAILED') then
    return 'client-certificate'
  end
  return OWN_STATUS[status] or ''
end

--- The reason for a response with `status`, as far as it is known; empty if there is none. With --strict-access, a
--- redirect is noted before NGINX's access rules, which may refuse the request.
function M.of(status)
  local noted = var.tidegate_reason
  if noted and noted ~= '' and not (status >= 400 and (noted == 'preflight' or find(noted, '^redirect:'))) then
    return noted
  end
  return status >= 400 and of_nginx(status) or ''
end

--- The log phase: completes $tidegate_reason, and returns the reason for an error response; otherwise nil. A subrequest
--- has no reason, because it shares the variable with the client's request.
function M.complete()
  local status = ngx.status
  if status >= 400 and (writes or counts) and not ngx.is_subrequest then
    local reason = M.of(status)
    write(reason)
    return reason ~= '' and reason or nil
  end
end

return M
