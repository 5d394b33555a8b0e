-- The outcome of a measured attempt: of a route that is not balanced round robin, or at a backend with endpoints that
-- failed recently.
local ejection = require 'tidegate.balance.ejection'
local ewma = require 'tidegate.balance.ewma'

local ngx = ngx
local find, tonumber = string.find, tonumber

local M = {}

--- Seconds until the answer of the last attempt began, or nil without an answer.
local function seconds_to_header()
  local text = ngx.var.upstream_header_time
  if not text then
    return nil
  end
  -- Several attempts: `0.001, 0.005`; several upstreams: ` : `.
  local _, after = find(text, '^.*[, ]')
  return tonumber(after and string.sub(text, after + 1) or text)
end

--- The request `key` begins an attempt at `peer`.
function M.begin(peer, key)
  peer.in_flight = peer.in_flight + 1
  if peer.out_until then
    peer.probe = key
  end
end

--- The attempt ended with an unknown result.
function M.forget(peer)
  peer.in_flight = peer.in_flight - 1
end

--- The attempt ended and NGINX makes another one; `failure` as named by `get_last_failure`.
function M.went_on(peer, key, failure)
  peer.in_flight = peer.in_flight - 1
  if failure == 'failed' then
    ejection.failed(peer)
  elseif peer.fails > 0 then
    -- `proxy_next_upstream http_404`: an answer that is not passed on is still an answer.
    ejection.answered(peer, key)
  end
end

--- The request ended with this attempt; the log phase.
function M.finish(peer, key, route)
  peer.in_flight = peer.in_flight - 1
  local status = ngx.status
  -- Otherwise the status may be NGINX's own, for a missing answer.
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
