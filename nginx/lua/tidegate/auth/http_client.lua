-- Sends one HTTP/1.1 request over a keepalive connection and reads the response, for authentication subrequests whose
-- responses have a body. nginx's own auth_request does not read the body, and therefore has to close the connection.
-- This client reads the body, so that the connection can be kept and the body can be passed on. It parses strictly: a
-- response that is not HTTP, or is too long, is an error.
local ngx = ngx
local find, gmatch, lower, match = string.find, string.gmatch, string.lower, string.match

local LARGEST_HEAD = 32768
local LARGEST_BODY = 1048576
local LONGEST_LINE = 1024
-- The largest number of heads that are read: those of interim responses (such as 103) and of the final one.
local MOST_HEADS = 5
local TOKEN = "^[%w!#$%%&'*+%-.^_`|~]+$"

local M = {}

--- Reads the text before `delimiter`, which must have at most `most` bytes.
local function read_until(sock, delimiter, most)
  local reader = sock:receiveuntil(delimiter)
  local text, failure = reader(most)
  if not text then
    return nil, failure or 'closed'
  end
  local more, other = reader(1)
  if more or other then
    return nil, other or 'too long'
  end
  return text
end

--- Returns a table of headers (name in lower case → list of values), or nil and what is wrong.
local function read_headers(text)
  local headers = {}
  for line in gmatch(text .. '\r\n', '(.-)\r\n') do
    local name, value = match(line, '^([^:]+):[ \t]*(.-)[ \t]*$')
    if not name or not find(name, TOKEN) or find(value, '[%z\1-\8\10-\31\127]') then
      return nil, 'a line is not a header'
    end
    name = lower(name)
    headers[name] = headers[name] or {}
    table.insert(headers[name], value)
  end
  return headers
end

local function read_head(sock)
  local text, failure = read_until(sock, '\r\n\r\n', LARGEST_HEAD)
  if not text then
    return nil, 'head: ' .. failure
  end
  local first, rest = match(text, '^(.-)\r\n(.*)$')
  first = first or text
  local minor, status = match(first, '^HTTP/1%.([01]) (%d%d%d)')
  if not minor or not find(first, '^HTTP/1%.[01] %d%d%d$') and not find(first, '^HTTP/1%.[01] %d%d%d ') then
    return nil, 'the status line is not HTTP'
  end
  local headers, reason = {}
  if rest then
    headers, reason = read_headers(rest)
    if not headers then
      return nil, reason
    end
  end
  return { status = tonumber(status), headers = headers, keeps = minor == '1' }
end

local function read_chunks(sock)
  local parts, length = {}, 0
  while true do
    local line, failure = read_until(sock, '\r\n', LONGEST_LINE)
    local digits = line and match(line, '^(%x+)[ \t]*$') or line and match(line, '^(%x+)[ \t]*;')
    if not digits or #digits > 8 then
      return nil, failure or 'a chunk has no length'
    end
    local size = tonumber(digits, 16)
    length = length + size
    if length > LARGEST_BODY then
      return nil, 'the body is too long'
    end
    if size == 0 then
      break
    end
    local chunk, cut = sock:receive(size)
    if not chunk then
      return nil, cut
    end
    parts[#parts + 1] = chunk
    local ending, broken = sock:receive(2)
    if ending ~= '\r\n' then
      return nil, broken or 'a chunk is longer than its announced length'
    end
  end
  for _ = 1, 100 do
    local trailer, failure = read_until(sock, '\r\n', LARGEST_HEAD)
    if not trailer then
      return nil, failure
    elseif trailer == '' then
      return table.concat(parts)
    end
  end
  return nil, 'too many trailers'
end

--- Reads a body without a length, which ends when the service closes the connection.
local function read_rest(sock)
  local text, failure, partial = sock:receive(LARGEST_BODY + 1)
  if text or failure ~= 'closed' then
    return nil, text and 'the body is too long' or failure
  end
  return partial or ''
end

--- Reads the body. Returns it and whether the connection may be reused; or nil and what is wrong.
local function read_body(sock, answer, method)
  local headers = answer.headers
  local coding, lengths = headers['transfer-encoding'], headers['content-length']
  if method == 'HEAD' or answer.status == 204 or answer.status == 304 then
    return '', answer.keeps
  elseif coding then
    if lengths or #coding > 1 or lower(coding[1]) ~= 'chunked' then
      return nil, 'the length of the body is ambiguous'
    end
    local body, failure = read_chunks(sock)
    return body, body and answer.keeps or failure
  elseif not lengths then
    local body, failure = read_rest(sock)
    return body, not body and failure or false
  end
  local length = lengths[1]
  for _, other in ipairs(lengths) do
    if other ~= length or not find(other, '^%d+$') then
      return nil, 'the length of the body is ambiguous'
    end
  end
  if #length > 8 or tonumber(length) > LARGEST_BODY then
    return nil, 'the body is too long'
  elseif tonumber(length) == 0 then
    return '', answer.keeps
  end
  local body, failure = sock:receive(tonumber(length))
  return body, body and answer.keeps or failure
end

local function connect(sock, to)
  local ok, failure = sock:connect(to.address, to.port, { pool = to.pool })
  if ok and to.tls and sock:getreusedtimes() == 0 then
    ok, failure = sock:sslhandshake(false, to.server_name, false)
  end
  return ok, failure
end

local function read_answer(sock)
  for _ = 1, MOST_HEADS do
    local answer, failure = read_head(sock)
    if not answer or answer.status >= 200 then
      return answer, failure
    elseif answer.status == 101 then
      break
    end
  end
  return nil, 'no final answer, only early hints'
end

--- Sends `request` and reads the response: `status`, `headers` (names in lower case → list of values) and `body`; or
--- nil, what went wrong, and whether a reused connection was closed without any response. `to` has the fields address,
--- port, pool, tls, server_name, timeouts {connect, send, read} in milliseconds, connections (how many are kept),
--- requests (at most per connection) and idle (seconds).
function M.exchange(to, request, method)
  local sock = ngx.socket.tcp()
  sock:settimeouts(to.timeouts[1], to.timeouts[2], to.timeouts[3])
  local ok, failure = connect(sock, to)
  if not ok then
    return nil, failure or 'no connection'
  end
  local used = sock:getreusedtimes()
  local answer
  ok, failure = sock:send(request)
  if ok then
    answer, failure = read_answer(sock)
  end
  if not answer then
    sock:close()
    return nil, failure, used > 0 and find(failure or '', 'closed', 1, true) ~= nil
  end
  local body, again = read_body(sock, answer, method)
  if not body then
    sock:close()
    return nil, again
  end
  local connection = answer.headers.connection
  local ends = connection and find(lower(table.concat(connection, ',')), 'close', 1, true)
  if again and not ends and to.connections > 0 and used + 1 < to.requests then
    sock:setkeepalive(to.idle * 1000, to.connections)
  else
    sock:close()
  end
  answer.body = body
  return answer
end

return M
