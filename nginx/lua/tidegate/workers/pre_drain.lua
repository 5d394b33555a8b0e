-- Before a reload stops the old workers, they answer HTTP/1 with `Connection: close`: a client that keeps its
-- connection is told on it, instead of finding it closed at its next request. HTTP/2 has GOAWAY for that, which NGINX
-- sends itself.
--
-- This takes two periods. First the master, after reading nginx.conf, announces the new generation and waits a moment:
-- connections that are older than the announcement are closed by their next response, each only once. Then the new
-- workers start, and NGINX leaves the old ones 100 ms before it tells them to quit; during these, all responses of the
-- old workers close their connections, because new connections may still be accepted by either. Nothing has to be
-- reverted: the new generation has another number, and if none follows, the first period ends by the clock.
local ffi = require 'ffi'
local change_notice = require 'tidegate.live.change_notice'
local keepalive = require 'tidegate.workers.keepalive'

ffi.cdef [[
  int usleep(unsigned int microseconds);
]]

local ngx = ngx

-- Clients that send a request within this time and NGINX's own 100 ms are told.
local WAIT_SECONDS = 0.12
-- New connections are spared for this long. Less than NGINX's 100 ms: a client that was closed and then spared once
-- returns in time to be closed for good.
local SPARE_SECONDS = 0.08
-- How long after the announcement new workers may still be expected.
local HOLD_SECONDS = 1

local M = {}

-- All generations up to this number are about to be stopped; when that was announced; the newest one with workers.
local since
local begun
local generation = 0
-- Returns false as long as there is no shared memory.
local leaving = ffi.new('double[1]', -1)

local function now()
  ngx.update_time()
  return ngx.now()
end

local function open()
  leaving, since, begun = change_notice.cell('leaving'), change_notice.cell('since'), change_notice.cell('begun')
end

--- Tells the workers of older generations that `number` is coming, and gives their clients time to learn of it. In the
--- master, which handles no signals during that time; returns at once without older workers.
function M.announce(number)
  open()
  if begun[0] == 0 then
    return
  end
  local start = now()
  since[0] = start
  leaving[0] = number - 1
  -- A signal ends a sleep early.
  while now() - start < WAIT_SECONDS do
    ffi.C.usleep(5000)
  end
end

--- This worker belongs to generation `number`; the older ones are being stopped.
function M.begin(number)
  open()
  generation = number
  if begun[0] < number then
    begun[0] = number
    leaving[0] = math.max(leaving[0], number - 1)
  end
end

local function close()
  if (ngx.req.http_version() or 0) >= 2 then
    return
  end
  if begun[0] <= generation then
    local passed = ngx.now() - since[0]
    if passed > HOLD_SECONDS then
      -- The announced generation did not come.
      leaving[0] = generation - 1
      return
    elseif passed < SPARE_SECONDS and tonumber(ngx.var.connection_time) < passed then
      return
    end
  end
  keepalive.forbid()
end

--- Called for every request: one read of shared memory, unless this worker is about to stop.
function M.look()
  if leaving[0] >= generation then
    close()
  end
end

return M
