-- Lets long work of the live API yield to other requests. Not by `ngx.sleep(0)`: stock NGINX lacks the patch that it is
-- made for, and Lua logs a warning about that each time.
local M = {}

local SLICE_SECONDS = 0.005
-- The shortest timer of NGINX.
local PAUSE_SECONDS = 0.001

local function now()
  ngx.update_time()
  return ngx.now()
end

--- Returns a function that pauses if 5 ms have passed since the last pause; to be called regularly.
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
