-- Detects request loops. Every request that is passed on carries a mark (CDN-Loop, RFC 8586; `$tidegate_loop` of
-- nginx.conf); one with too many marks has a backend, an authentication service or a mirror that is NGINX itself.
local ngx = ngx
local byte, find = string.byte, string.find

local MARK = 'tidegate'
-- Each pass may multiply a request: a mirror and an authentication subrequest make three out of one.
local MOST = 5
local ANSWER = 'this request came back too often\n'

local M = {}

--- Whether a mark ends, or begins, at this byte: at the end of the text, a comma, a space, a tab or a semicolon.
local function is_edge(character)
  return not character or character == 44 or character == 32 or character == 9 or character == 59
end

--- Whether there are `MOST` marks in a value of CDN-Loop; other entries belong to other proxies.
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

--- Ends a looping request with 508, otherwise returns. `value`: the CDN-Loop header. Not an error page: a backend that
--- answers errors may be NGINX itself, too.
function M.check(value)
  if not is_full(value) then
    return
  end
  ngx.log(ngx.WARN, 'tidegate: a request came through here ', MOST, ' times; its backend leads back to NGINX')
  ngx.status = 508
  ngx.header['Content-Type'] = 'text/plain'
  ngx.header['Content-Length'] = #ANSWER
  ngx.print(ANSWER)
  return ngx.exit(508)
end

return M
