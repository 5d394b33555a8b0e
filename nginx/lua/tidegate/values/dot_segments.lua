-- Finds segments `.` and `..` in a path that was composed by a rewrite. NGINX has normalized the path of the request,
-- but not the composed path.
local find = string.find

local M = {}

--- Whether the path contains a segment that a backend may treat as `.` or `..`. Java servers ignore the text after a
--- `;` in a segment (`/..;/`), and servers on Windows treat a backslash as a slash.
function M.found(path)
  if not (find(path, '/.', 1, true) or find(path, '\\.', 1, true)) then
    return false
  end
  return (find(path, '[/\\]%.%.?[/\\;]') or find(path, '[/\\]%.%.?$')) ~= nil
end

return M
