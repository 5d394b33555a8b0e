-- Tells when NGINX stops this worker. NGINX then runs all pending timers early, so a timer that would not run for 11 days
-- shows it.
local NEVER_SECONDS = 1e6

local M = {}

--- Calls `action` in a timer when NGINX stops this worker. As long as it sleeps, the worker does not end. Returns true;
--- or nil and why it will not be called.
function M.on_stop(action)
  return ngx.timer.at(NEVER_SECONDS, function(stopping)
    if stopping then
      return action()
    end
    local ok, failure = M.on_stop(action)
    if not ok then
      ngx.log(ngx.ERR, 'tidegate: this worker will not notice that it is stopped: ', failure)
    end
  end)
end

return M
