-- LiveClientCertificate: requirements of a route for client certificates.
local check = require 'tidegate.shapes.check'

local OPTIONAL = { 'plain', 'subjects' }

local M = {}

--- The decoded value, or nil and what is wrong. `plain` is true if plain HTTP is served. `subjects` is a list of
--- patterns that must all match the subject of the certificate, or false.
function M.read(value)
  local reason = check.fields(value, {}, OPTIONAL)
  if not reason and value.plain ~= nil and value.plain ~= true then
    reason = 'expected plain to be true or absent'
  end
  if not reason and value.subjects ~= nil then
    reason = check.each(value.subjects, 1, 2, check.printable)
  end
  if reason then
    return nil, reason
  end
  return { plain = value.plain or false, subjects = value.subjects or false }
end

return M
