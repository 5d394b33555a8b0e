-- Limits the life of draining workers: workers that were told to stop, but still have long connections such as
-- WebSockets or downloads. Each of them uses the memory of a whole configuration, and NGINX lets them stay for
-- `worker_shutdown_timeout`. If there are too many, the controller makes all workers up to a generation end sooner.
-- These workers then close their client connections one by one, at random times over some seconds, so that the clients
-- do not all reconnect at once.
local change_notice = require 'tidegate.live.change_notice'
local connections = require 'tidegate.workers.connections'
local stopping = require 'tidegate.workers.stopping'

local FIRST_PAUSE = 0.05
local LONGEST_PAUSE = 1
-- The period over which the connections are closed, in seconds: 4 ms for each connection, and at most 10 s.
local SECONDS_EACH = 0.004
local SPREAD_SECONDS = 10
-- How long the worker then waits before it ends, so that the last data on these connections can be sent.
local LAST_SECONDS = 0.5
local SIGTERM = 15

local M = {}

local ended
local generation = 0

local function dict()
  return ngx.shared.tidegate_live
end

--- How many connections were closed early, because of `POST /v1/end`, since the master started.
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
    ngx.WARN, 'tidegate: too many workers are draining; this one, of generation ', generation, ', closed ', closed,
    closed == 1 and ' connection early' or ' connections early'
  )
  ngx.sleep(LAST_SECONDS)
  connections.signal_self(SIGTERM)
end

--- Runs until the worker has no client connections anymore. The sleeping thread keeps the worker alive, so the worker
--- may end one pause later than its last connection.
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

--- Prepares this worker, of generation `number`, to close its connections early. The check begins when the worker is
--- told to stop.
function M.watch(number)
  generation = number
  ended = change_notice.cell('ended')
  connections.learn_ports()
  local ok, failure = stopping.on_stop(stay)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: this worker cannot be ended early: ', failure)
  end
end

--- The newest generation, whose workers are not draining.
function M.newest()
  return change_notice.cell('begun')[0]
end

--- Tells the draining workers up to generation `number` to close their remaining connections. Returns the highest
--- number that was given so far.
function M.end_up_to(number)
  ended[0] = math.max(ended[0], number)
  return ended[0]
end

return M
