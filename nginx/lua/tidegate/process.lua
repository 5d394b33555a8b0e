-- Processes by what /proc says. A pid comes back; a pid with its start time does not.
local M = {}

--- When the process started, in clock ticks since boot (field 22 of /proc/<pid>/stat), as text; nil if there is none.
function M.start_time(pid)
  local file = io.open('/proc/' .. pid .. '/stat')
  if not file then
    return nil
  end
  local text = file:read('*a')
  file:close()
  -- The second field is a name in parentheses and may hold anything.
  local rest = text and string.match(text, '^.*%) (.*)$')
  local field = 3
  for value in string.gmatch(rest or '', '%S+') do
    if field == 22 then
      return value
    end
    field = field + 1
  end
end

return M
