-- Records the outcome of measured attempts. An attempt is measured if its route is not balanced by round robin, or if
-- its backend has endpoints that failed recently.
local ejection = require 'tidegate.balance.ejection'
local ewma = require 'tidegate.balance.ewma'
local last = require('tidegate.values.attempts').last

local ngx = ngx
local tonumber = tonumber

local M = {}

--- Seconds until the response to the last attempt began, or nil if there was no response.
local function seconds_to_header()
  local text = last(ngx.var.upstream_header_time)
  return text and tonumber(text)
end

--- Records that the request `key` begins an attempt at `peer`.
function M.begin(peer, key)
  peer.in_flight = peer.in_flight + 1
  if peer.out_until then
    peer.probe = key
  end
end

--- Records that an attempt ended with an unknown result.
function M.forget(peer)
  peer.in_flight = peer.in_flight - 1
end

--- Records that an attempt ended and NGINX makes another one. `failure` is the result of `get_last_failure`.
function M.went_on(peer, key, failure)
  peer.in_flight = peer.in_flight - 1
  if failure == 'failed' then
    ejection.failed(peer)
  elseif peer.fails > 0 then
    -- With `proxy_next_upstream http_404`, the endpoint has answered, although the response is not passed on.
    ejection.answered(peer, key)
  end
end

--- Records, in the log phase, that the request ended with this attempt.
function M.finish(peer, key, route)
  peer.in_flight = peer.in_flight - 1
  local status = ngx.status
  -- With 502 and 504, the status may come from NGINX itself, because the endpoint did not answer.
  local doubtful = peer.fails > 0 or status == 502 or status == 504
  if not doubtful and not route.timed then
    return
  end
  local seconds = seconds_to_header()
  if seconds then
    if route.timed then
      ewma.observe(peer, seconds, ngx.now())
    end
    if peer.fails > 0 then
      ejection.answered(peer, key)
    end
  elseif status == 502 or status == 504 then
    ejection.failed(peer)
  end
end

return M
