-- Segments `.` and `..` in a path that was put together here: NGINX has normalised the request's path, not this one.
local find = string.find

local M = {}

--- Whether the path holds a segment that some backend takes for `.` or `..`. Java servers leave out what follows a `;`
-- (`/..;/`), and servers on Windows take a backslash for a slash.
function M.found(path)
  if not (find(path, '/.', 1, true) or find(path, '\\.', 1, true)) then
    return false
  end
  return (find(path, '[/\\]%.%.?[/\\;]') or find(path, '[/\\]%.%.?$')) ~= nil
end

return M
