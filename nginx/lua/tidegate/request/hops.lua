-- Detects request loops. NGINX adds a mark to every request that it proxies (header CDN-Loop, RFC 8586;
-- `$tidegate_loop` in nginx.conf). If a request has too many marks, its backend, authentication service or mirror leads
-- back to this NGINX.
local reason = require 'tidegate.values.reason'

local ngx = ngx
local byte, find = string.byte, string.find

local MARK = 'tidegate'
-- A request with this number of marks is refused. The number is small, because each pass may multiply a request: with a
-- mirror and an authentication subrequest, one request becomes three.
local MOST = 5
local ANSWER = 'this request came back too often\n'

local M = {}

--- Whether a character separates marks: a comma, a space, a tab or a semicolon. Nil, which stands for the end of the
--- text, also does.
local function is_edge(character)
  return not character or character == 44 or character == 32 or character == 9 or character == 59
end

--- Whether a value of CDN-Loop contains `MOST` marks. Its other entries are marks of other proxies.
local function is_full(value)
  local count, at = 0, 1
  while true do
    local from, to = find(value, MARK, at, true)
    if not from then
      return false
    end
    if is_edge(from > 1 and byte(value, from - 1) or nil) and is_edge(byte(value, to + 1)) then
      count = count + 1
      if count >= MOST then
        return true
      end
    end
    at = to + 1
  end
end

--- Ends a request in a loop with 508. `value` is the CDN-Loop header. The response is not replaced by an error page,
--- because a backend for error pages may lead back to NGINX too.
function M.check(value)
  if not is_full(value) then
    return
  end
  ngx.log(ngx.WARN, 'tidegate: a request passed through this NGINX ', MOST, ' times; its backend leads back to NGINX')
  reason.note('loop')
  ngx.status = 508
  ngx.header['Content-Type'] = 'text/plain'
  ngx.header['Content-Length'] = #ANSWER
  ngx.print(ANSWER)
  return ngx.exit(508)
end

return M
