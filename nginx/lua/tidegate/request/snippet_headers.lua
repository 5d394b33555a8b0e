-- Sets the response headers of snippets.
local texts = require 'tidegate.values.snippet_text'

local ngx = ngx
local gsub, sub = string.gsub, string.sub

local M = {}

-- Headers that can occur only once.
local SINGLE = {
  ['content-type'] = true,
  ['content-encoding'] = true,
  ['date'] = true,
  ['etag'] = true,
  ['expires'] = true,
  ['last-modified'] = true,
  ['location'] = true,
  ['server'] = true,
}
-- Headers about the connection and the body, which NGINX sets itself.
local FRAMING = {
  ['connection'] = true,
  ['content-length'] = true,
  ['keep-alive'] = true,
  ['te'] = true,
  ['trailer'] = true,
  ['transfer-encoding'] = true,
  ['upgrade'] = true,
}

--- Clears every header whose name begins with `start`.
local function clear_all(start)
  for name in pairs(ngx.resp.get_headers(0)) do
    local lower = string.lower(name)
    if sub(lower, 1, #start) == start and not FRAMING[lower] then
      ngx.header[name] = nil
    end
  end
end

local function add(name, value)
  local present = ngx.header[name]
  if not present or SINGLE[string.lower(name)] then
    ngx.header[name] = value
  elseif type(present) == 'table' then
    present[#present + 1] = value
    ngx.header[name] = present
  else
    ngx.header[name] = { present, value }
  end
end

local function apply(headers, state)
  for i = 1, #headers do
    local header = headers[i]
    if not header.statuses or header.statuses[ngx.status] then
      if header.start then
        clear_all(header.start)
      else
        local value = header.after and ngx.http_time(ngx.time() + header.after)
          or header.text and gsub(texts.expand(header.text, state), '%c', '')
          or ''
        if header.adds then
          if value ~= '' then
            add(header.name, value)
          end
        else
          ngx.header[header.name] = value ~= '' and value or nil
        end
      end
    end
  end
end

local NO_STATE = { own = {}, captures = false }

--- The header filter phase. If another location answers (for an error page), the state is lost, and only headers
--- without conditions are set.
function M.set(snippet)
  local state = ngx.ctx.tidegate_snippet or NO_STATE
  if snippet.server and snippet.server.headers then
    apply(snippet.server.headers, state)
  end
  if snippet.location and snippet.location.headers then
    apply(snippet.location.headers, state)
  end
  local more = state.headers
  for i = 1, more and #more or 0 do
    apply(more[i].headers, { own = state.own, captures = more[i].captures })
  end
end

return M
