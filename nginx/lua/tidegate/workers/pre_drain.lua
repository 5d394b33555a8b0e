-- Before a reload stops the old workers, they answer HTTP/1 requests with `Connection: close`. So a client with a
-- keepalive connection learns that the connection ends, instead of finding it closed when it sends its next request.
-- For HTTP/2, NGINX itself sends GOAWAY.
--
-- There are two periods. In the first period, the master has read nginx.conf, announces the new generation and waits a
-- moment. The old workers close connections that are older than the announcement after their next response. In the
-- second period, the new workers have started, and NGINX waits 100 ms before it tells the old workers to quit. In this
-- time, both old and new workers accept connections, and the old workers close all their connections after the next
-- response. Nothing has to be reset afterwards: the new generation has another number; and if no new workers start, the
-- first period ends after some time.
local ffi = require 'ffi'
local change_notice = require 'tidegate.live.change_notice'
local keepalive = require 'tidegate.workers.keepalive'

ffi.cdef [[
  int usleep(unsigned int microseconds);
]]

local ngx = ngx

-- How long the master waits after the announcement. Clients that send a request in this time, or in NGINX's 100 ms
-- after it, get `Connection: close`.
local WAIT_SECONDS = 0.12
-- For this long after the announcement, connections that are newer than it are not closed. This is less than the whole
-- wait, so that the connection of a client that reconnects in this time is closed once more before the old workers
-- quit, and the client then reconnects to a new worker.
local SPARE_SECONDS = 0.08
-- If no new workers have started this long after the announcement, they are not expected anymore.
local HOLD_SECONDS = 1

local M = {}

-- Pointers to shared numbers: `since` is the time of the last announcement, `begun` the newest generation that has
-- workers, and `leaving` (below) the generation up to which workers are about to be stopped.
local since
local begun
local generation = 0
-- -1 until the shared memory is opened, so that `look` does nothing.
local leaving = ffi.new('double[1]', -1)

local function now()
  ngx.update_time()
  return ngx.now()
end

local function open()
  leaving, since, begun = change_notice.cell('leaving'), change_notice.cell('since'), change_notice.cell('begun')
end

--- Announces generation `number` to the workers of older generations, and waits so that they can notify their clients.
--- Called in the master, which handles no signals during the wait. Returns at once if there are no older workers.
function M.announce(number)
  open()
  if begun[0] == 0 then
    return
  end
  local start = now()
  since[0] = start
  leaving[0] = number - 1
  -- A signal may end `usleep` early, so the time is checked.
  while now() - start < WAIT_SECONDS do
    ffi.C.usleep(5000)
  end
end

--- Records that this worker belongs to generation `number`, and that workers of older generations are being stopped.
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
      -- No worker of the announced generation has started.
      leaving[0] = generation - 1
      return
    elseif passed < SPARE_SECONDS and tonumber(ngx.var.connection_time) < passed then
      return
    end
  end
  keepalive.forbid()
end

--- Called for every request. It only reads one number from shared memory, unless this worker is about to be stopped.
function M.look()
  if leaving[0] >= generation then
    close()
  end
end

return M
