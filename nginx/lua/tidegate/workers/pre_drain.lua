-- Before a reload stops the old workers, they answer HTTP/1 requests with `Connection: close`. So a client with a
-- keepalive connection learns that the connection ends, instead of finding it closed when it sends its next request.
-- For HTTP/2, NGINX itself sends GOAWAY.
--
-- There are three periods. In the first, the master reads nginx.conf, which takes more than a second if there are
-- thousands of hosts; the controller has announced this (`expect`). The old workers close each connection that is older
-- than the announcement after its next response. In the second period, the master has read nginx.conf and waits until
-- the announcement is old enough; the old workers also close younger connections at its end. In the third period, the
-- new workers have started, and NGINX waits 100 ms before it tells the old workers to quit. In this time, both old and
-- new workers accept connections, and the old workers close all their connections after the next response. Nothing has
-- to be reset afterwards: the new generation has another number; and if no new workers start, the announcement expires.
local ffi = require 'ffi'
local change_notice = require 'tidegate.live.change_notice'
local keepalive = require 'tidegate.workers.keepalive'

ffi.cdef [[
  int usleep(unsigned int microseconds);
]]

local ngx = ngx

-- The least time between the announcement and the start of new workers. Clients that send a request in this time, or in
-- NGINX's 100 ms after it, get `Connection: close`.
local WAIT_SECONDS = 0.12
-- Connections that are newer than the announcement are not closed for this long after it, nor while nginx.conf is being
-- read. This is less than the least time, so that the connection of a client that reconnects is closed once more before
-- the old workers quit, and the client then reconnects to a new worker.
local SPARE_SECONDS = 0.08
-- If nginx.conf has not been read this long after the announcement, a reload is not expected anymore.
local READING_SECONDS = 30
-- If no new workers have started this long after nginx.conf was read, they are not expected anymore.
local HOLD_SECONDS = 1

local M = {}

-- Pointers to shared numbers: `since` is the time of the last announcement, `read` the time when the master last read
-- nginx.conf, `begun` the newest generation that has workers, and `leaving` (below) the generation up to which workers
-- are about to be stopped.
local since
local read
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
  read = change_notice.cell('read')
end

--- Announces to all workers that the master is about to read nginx.conf. Called in a worker.
function M.expect()
  if begun[0] > 0 then
    since[0] = now()
    leaving[0] = begun[0]
  end
end

--- Announces generation `number` to the workers of older generations, unless `expect` has, and waits so that they can
--- notify their clients. Called in the master, which handles no signals during the wait. Returns at once if there are no
--- older workers.
function M.announce(number)
  open()
  if begun[0] == 0 then
    return
  end
  local start = now()
  local is_expected = leaving[0] >= begun[0] and since[0] > read[0] and start - since[0] < READING_SECONDS
  if not is_expected then
    since[0] = start
  end
  leaving[0] = number - 1
  read[0] = start
  -- A signal may end `usleep` early, so the time is checked.
  while now() - since[0] < WAIT_SECONDS do
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

--- Whether no worker of the announced generation will start.
local function expired(passed, is_read)
  if is_read then
    return ngx.now() - read[0] > HOLD_SECONDS
  end
  return passed > READING_SECONDS
end

local function close()
  if (ngx.req.http_version() or 0) >= 2 then
    return
  end
  if begun[0] <= generation then
    local passed = ngx.now() - since[0]
    local is_read = read[0] >= since[0]
    if expired(passed, is_read) then
      leaving[0] = generation - 1
      return
    elseif (passed < SPARE_SECONDS or not is_read) and tonumber(ngx.var.connection_time) < passed then
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
