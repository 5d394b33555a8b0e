-- Long work of the live API lets other requests have their turn. Not by `ngx.sleep(0)`: stock NGINX lacks the patch that
-- it is made for, and Lua warns of that in the error log each time.
local M = {}

local SLICE_SECONDS = 0.005
-- The shortest time that NGINX's timers know.
local PAUSE_SECONDS = 0.001

local function now()
  ngx.update_time()
  return ngx.now()
end

--- A function that pauses where 5 ms have passed since the last pause; to be called every now and then.
function M.slices()
  local began = now()
  return function()
    if now() - began >= SLICE_SECONDS then
      ngx.sleep(PAUSE_SECONDS)
      began = now()
    end
  end
end

return M
