-- Workers that were told to stop and still have connections: WebSockets, long downloads. Each uses the memory of a
-- whole configuration, and NGINX lets them stay for `worker_shutdown_timeout`. If there are too many of them, the
-- controller names the generation up to which they have to end sooner. Each then closes its clients' connections one by
-- one, at random moments over some seconds, so that the clients do not all reconnect at the same time.
local change_notice = require 'tidegate.live.change_notice'
local connections = require 'tidegate.workers.connections'

-- NGINX fires waiting timers when it stops a worker; this timer serves only that purpose (11 days, repeated).
local NEVER_SECONDS = 1e6
local FIRST_PAUSE = 0.05
local LONGEST_PAUSE = 1
-- The period in seconds over which connections are closed: 4 ms for each, and at most this.
local SECONDS_EACH = 0.004
local SPREAD_SECONDS = 10
-- Time for the last data on them to be sent, before the worker ends.
local LAST_SECONDS = 0.5
local SIGTERM = 15

local M = {}

local ended
local generation = 0

local function dict()
  return ngx.shared.tidegate_live
end

--- Connections that `POST /v1/end` closed since the master started.
function M.closed_early()
  return dict():get('!closed_early')
end

local function end_early()
  local open = connections.list()
  local seconds = math.min(SPREAD_SECONDS, #open * SECONDS_EACH)
  local closed = 0
  for _, connection in ipairs(open) do
    ngx.sleep(math.random() * 2 * seconds / #open)
    if connections.close(connection) then
      closed = closed + 1
    end
  end
  dict():incr('!closed_early', closed)
  ngx.log(
    ngx.WARN, 'tidegate: too many workers are draining, this one of generation ', generation, ' closed ', closed,
    ' connections early'
  )
  ngx.sleep(LAST_SECONDS)
  connections.signal_self(SIGTERM)
end

--- Stays with the worker until its clients are gone. A sleeping thread keeps the worker alive, so the last check is
--- only a pause after the last connection.
local function stay()
  local pause = FIRST_PAUSE
  while connections.any() do
    if ended[0] >= generation then
      return end_early()
    end
    ngx.sleep(pause)
    pause = math.min(pause * 2, LONGEST_PAUSE)
  end
end

local function arm()
  local ok, failure = ngx.timer.at(NEVER_SECONDS, function(stopping)
    if stopping then
      return stay()
    end
    arm()
  end)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: this worker cannot be ended early: ', failure)
  end
end

--- Watches this worker of generation `number` once it is told to stop.
function M.watch(number)
  generation = number
  ended = change_notice.cell('ended')
  connections.learn_ports()
  arm()
end

--- The newest generation, whose workers are not draining.
function M.newest()
  return change_notice.cell('begun')[0]
end

--- Tells the draining workers up to generation `number` to close their remaining connections; returns the highest
--- number so far.
function M.end_up_to(number)
  ended[0] = math.max(ended[0], number)
  return ended[0]
end

return M
