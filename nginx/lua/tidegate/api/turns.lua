-- Lets long work of the live API yield to other requests. It does not use `ngx.sleep(0)`, because that needs a patch
-- that stock NGINX lacks, and the Lua module logs a warning each time.
local M = {}

local SLICE_SECONDS = 0.005
-- The shortest timer that NGINX has.
local PAUSE_SECONDS = 0.001

local function now()
  ngx.update_time()
  return ngx.now()
end

--- Returns a function that has to be called regularly. It pauses if 5 ms have passed since the last pause.
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
