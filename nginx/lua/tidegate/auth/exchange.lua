-- The content phase of an auth_request location in which Lua itself sends the subrequest to the external authentication
-- service. That is needed if connections are to be kept even when the service answers with a body, or if its response
-- is passed on to the client. The location ends with the status of the service, by which NGINX allows or refuses the
-- client's request.
local http_client = require 'tidegate.auth.http_client'
local rotation = require 'tidegate.balance.rotation'
local store = require 'tidegate.live.store'
local variables = require 'tidegate.values.variables'

local ngx = ngx
local var = ngx.var
local find, lower, sub = string.find, string.lower, string.sub
local MOST_ENDPOINTS = 3
-- Request headers about the client's connection, or about the body, which is not sent to the service.
local NOT_FORWARDED = {
  ['content-length'] = true,
  ['transfer-encoding'] = true,
  connection = true,
  ['keep-alive'] = true,
  te = true,
  trailer = true,
  upgrade = true,
  expect = true,
}
-- Response headers about the connection to the service.
local NOT_PASSED = {
  ['content-length'] = true,
  ['transfer-encoding'] = true,
  connection = true,
  ['keep-alive'] = true,
  trailer = true,
  upgrade = true,
  ['proxy-connection'] = true,
}

local M = {}

--- The text of the subrequest, or nil if a value contains a character that would end its line.
local function question_text(question, method)
  local lines = { method .. ' ' .. var.tidegate_auth_uri .. ' HTTP/1.1', 'Host: ' .. question.host }
  local own = {}
  for _, header in ipairs(question.exchange.headers) do
    local value = variables.text(header[2])
    own[lower(header[1])] = true
    if value ~= '' and lower(header[1]) ~= 'host' then
      lines[#lines + 1] = header[1] .. ': ' .. value
    end
  end
  for name, value in pairs(ngx.req.get_headers(0, true)) do
    if not own[lower(name)] and not NOT_FORWARDED[lower(name)] and lower(name) ~= 'host' then
      for _, each in ipairs(type(value) == 'table' and value or { value }) do
        lines[#lines + 1] = name .. ': ' .. (each == true and '' or each)
      end
    end
  end
  for _, line in ipairs(lines) do
    if find(line, '[%z\r\n]') then
      return nil
    end
  end
  return table.concat(lines, '\r\n') .. '\r\n\r\n'
end

local function target(route, backend, index)
  local settings = route.auth_request.exchange
  local address, port = backend.addresses[index], backend.ports[index]
  address = find(address, ':', 1, true) and sub(address, 1, 1) ~= '[' and '[' .. address .. ']' or address
  local tls = settings.scheme == 'https'
  return {
    address = address,
    port = port,
    pool = table.concat({ 'tidegate_auth', address, port, settings.scheme, settings.server_name or '', settings.connections }, ' '),
    tls = tls,
    server_name = settings.server_name or nil,
    timeouts = settings.timeouts,
    connections = settings.connections,
    requests = settings.requests,
    idle = settings.idle,
  }
end

--- Returns the response of the first endpoint that gives one, or nil. The controller sets `tries` of the route to 1 for
--- methods that must not be repeated. If a kept connection was closed before any response, and the method may be
--- repeated (`again`), the request is sent again without counting as an attempt.
local function ask(route, backend, text, settings)
  local tries = math.min(route.tries, backend.count, MOST_ENDPOINTS)
  local stale = 0
  local number = 0
  while number < tries do
    local to = target(route, backend, rotation.next(backend.rotation))
    local answer, failure, was_kept = http_client.exchange(to, text, settings.method)
    if answer then
      return answer
    end
    if was_kept and settings.again and stale <= to.connections then
      stale = stale + 1
    else
      number = number + 1
      ngx.log(ngx.ERR, 'tidegate: external authentication at ', to.address, ':', to.port, ': ', failure)
    end
  end
end

local function finish(status)
  ngx.status = status
  ngx.send_headers()
  return ngx.exit(ngx.OK)
end

--- Stores a response for the client, in variables that the subrequest shares with the main request.
local function keep(answer)
  local lines = {}
  for name, values in pairs(answer.headers) do
    if not NOT_PASSED[name] then
      for _, value in ipairs(values) do
        lines[#lines + 1] = name .. ':' .. value
      end
    end
  end
  var.tidegate_auth_status = answer.status
  var.tidegate_auth_headers = table.concat(lines, '\n')
  var.tidegate_auth_body = answer.body
end

--- The content phase of the auth_request location.
function M.answer()
  store.sync()
  local route = store.route(var.tidegate_auth)
  local question = route and route.auth_request
  local settings = question and question.exchange
  local backend = settings and store.backend(route.backend)
  if not backend or backend.count == 0 then
    return finish(503)
  end
  local text = question_text(question, settings.method)
  local answer = text and ask(route, backend, text, settings)
  if not answer then
    return finish(502)
  end
  for name, values in pairs(answer.headers) do
    if not NOT_PASSED[name] then
      ngx.header[name] = values
    end
  end
  if settings.passes then
    keep(answer)
  end
  return finish(answer.status)
end

--- The rewrite phase of the location to which NGINX redirects refused requests: the client gets the response of the
--- service. If the refusal did not come from the service, because the service got no subrequest or allowed the request,
--- the client gets NGINX's own response.
function M.pass()
  local status = tonumber(var.tidegate_auth_status)
  if not status or status < 300 then
    return ngx.exit(ngx.status)
  end
  ngx.header.www_authenticate = nil
  local cookies = {}
  for name, value in string.gmatch(var.tidegate_auth_headers, '([^:\n]+):([^\n]*)') do
    if name == 'set-cookie' then
      cookies[#cookies + 1] = value
    else
      ngx.header[name] = value
    end
  end
  -- Cookies are sent once, here, and not again by `set_cookies` in auth/external_auth.lua.
  var.tidegate_auth_cookies = ''
  if cookies[1] then
    ngx.header.set_cookie = cookies
  end
  ngx.status = status
  ngx.header.content_length = #var.tidegate_auth_body
  ngx.print(var.tidegate_auth_body)
  return ngx.exit(ngx.OK)
end

return M
