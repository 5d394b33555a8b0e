-- Segments `.` and `..` in a composed path: NGINX has normalised the request's path, not this one.
local find = string.find

local M = {}

--- Whether the path contains a segment that some backend treats as `.` or `..`. Java servers ignore what follows a `;`
--- (`/..;/`), and servers on Windows treat a backslash as a slash.
function M.found(path)
  if not (find(path, '/.', 1, true) or find(path, '\\.', 1, true)) then
    return false
  end
  return (find(path, '[/\\]%.%.?[/\\;]') or find(path, '[/\\]%.%.?$')) ~= nil
end

return M
