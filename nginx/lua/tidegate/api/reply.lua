-- JSON responses of the live API.
local cjson = require 'cjson.safe'
local document = require 'tidegate.live.document'

local M = {}

--- Encodes a string as JSON.
function M.quote(text)
  return cjson.encode(text)
end

--- Responds with JSON.
function M.send(status, text)
  ngx.status = status
  ngx.header['Content-Type'] = 'application/json'
  ngx.header['Content-Length'] = #text + 1
  ngx.print(text, '\n')
end

--- Answers with an error. Nothing has been changed.
function M.refuse(status, code, message)
  M.send(status, string.format(
    '{"error":%s,"message":%s,"revision":%d}', M.quote(code), M.quote(message), (document.version())
  ))
end

return M
