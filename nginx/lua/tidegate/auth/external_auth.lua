-- External authentication (nginx's `auth_request`). The subrequest shares all variables with the main request, so this
-- code writes only variables that the main request does not use. Any failure here refuses the client's request, because
-- nginx allows it only after a 2xx.
local kept_answers = require 'tidegate.auth.kept_answers'
local reason = require 'tidegate.values.reason'
local request_state = require 'tidegate.balance.request_state'
local route_id = require 'tidegate.live.route_id'
local store = require 'tidegate.live.store'
local tally = require 'tidegate.values.tally'
local templates = require 'tidegate.values.templates'

local ngx = ngx
local var = ngx.var
local SLASH = 47
-- The largest Content-Length of a response. The body itself is not read.
local LARGEST_BODY = 1048576
-- The statuses to which nginx's add_header without `always` applies. With these statuses, ingress-nginx sets the
-- cookies of the service.
local USUAL = {
  [200] = true,
  [201] = true,
  [204] = true,
  [206] = true,
  [301] = true,
  [302] = true,
  [303] = true,
  [304] = true,
  [307] = true,
  [308] = true,
}

local M = {}

local function uri_of(list)
  local uri = templates.text(list)
  return string.byte(uri, 1) == SLASH and uri or '/' .. uri
end

--- The rewrite phase of the auth_request location. It refuses requests that are not subrequests: with X-Accel-Redirect,
--- a backend can redirect its clients to internal locations, and clients must not read the responses of the service.
function M.ask()
  if not ngx.is_subrequest then
    return ngx.exit(404)
  end
  store.sync()
  local route = store.route(var.tidegate_auth)
  local question = route and route.auth_request
  if not question or not store.has_endpoints(route.backend) then
    return ngx.exit(503)
  end
  local uri = uri_of(question.uri)
  local place = question.cache and kept_answers.place(question.cache, route, uri)
  local kept = place and kept_answers.get(place)
  if question.cache then
    tally.events.count(route_id.get(), kept and 'auth-hit' or place and 'auth-miss' or 'auth-bypass', 1)
  end
  if kept then
    return kept_answers.give(kept)
  elseif place then
    var.tidegate_auth_place = place
  end
  var.tidegate_auth_host = question.host
  var.tidegate_auth_uri = uri
  request_state.take(route)
end

local UNREACHABLE = { [502] = true, [503] = true, [504] = true }

--- Notes why a status of the auth_request location refuses the client's request. The variable counts only if the
--- request is refused: with `satisfy any`, a password may admit the request.
local function note_refusal(status)
  if status == 401 or status == 403 then
    var.tidegate_auth_reason = 'auth-refused'
  elseif status >= 300 then
    var.tidegate_auth_reason = UNREACHABLE[status] and 'auth-unreachable' or 'auth-failed'
  end
end

--- The header filter phase of the auth_request location.
function M.hear()
  note_refusal(ngx.status)
  local header = ngx.header
  local length = tonumber(header.content_length)
  if length and length > LARGEST_BODY then
    ngx.log(ngx.ERR, 'tidegate: the response of an external authentication service has a body of ', length, ' bytes')
    ngx.status = 502
    var.tidegate_auth_reason = 'auth-failed'
    return
  end
  local cookies = header.set_cookie
  if cookies then
    -- The line feed as separator is safe, because a header cannot contain one.
    var.tidegate_auth_cookies = type(cookies) == 'table' and table.concat(cookies, '\n') or cookies
  end
  local place = var.tidegate_auth_place
  if place and place ~= '' then
    local route = store.route(var.tidegate_auth)
    local cache = route and route.auth_request and route.auth_request.cache
    if cache then
      kept_answers.put(place, cache)
    end
  end
end

--- Ends a request with 503 while the authentication service of its route has no endpoints.
function M.check(guard)
  if guard.backend and not store.has_endpoints(guard.backend) then
    reason.note('auth-unreachable')
    return ngx.exit(503)
  end
end

--- Adds the cookies of the authentication service to the response of a route.
function M.set_cookies(guard)
  local cookies = var.tidegate_auth_cookies
  if not cookies or cookies == '' or not (guard.all_cookies or USUAL[ngx.status]) then
    return
  end
  local own = ngx.header.set_cookie
  local list = type(own) == 'table' and own or { own }
  for cookie in string.gmatch(cookies, '[^\n]+') do
    list[#list + 1] = cookie
  end
  ngx.header.set_cookie = list
end

--- The rewrite phase of the location to which NGINX redirects requests that were refused with 401.
function M.sign_in()
  store.sync()
  local id = route_id.get()
  local route = id and store.route(id)
  local guard = route and route.external_auth
  if not guard or not guard.sign_in then
    return ngx.exit(401)
  end
  ngx.header.www_authenticate = nil
  reason.note('redirect:auth-signin')
  return ngx.redirect(templates.text(guard.sign_in), 302)
end

return M
