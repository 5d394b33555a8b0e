-- Reads small JSON bodies of requests to the live API.
local cjson = require 'cjson.safe'

local M = {}

--- Returns one field of the JSON object in the body, or nil if the body is not an object or lacks the field.
function M.field(name)
  ngx.req.read_body()
  local value = cjson.decode(ngx.req.get_body_data() or '')
  if type(value) == 'table' then
    return value[name]
  end
end

return M
