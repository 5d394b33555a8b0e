-- Small JSON bodies of the live API.
local cjson = require 'cjson.safe'

local M = {}

--- One field of the JSON object in the body; nil if there is no such object or field.
function M.field(name)
  ngx.req.read_body()
  local value = cjson.decode(ngx.req.get_body_data() or '')
  if type(value) == 'table' then
    return value[name]
  end
end

return M
