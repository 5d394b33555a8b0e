-- Counts TCP connections and UDP sessions. The stream block has no Lua, so NGINX itself writes a line for each session
-- that has ended. Once a second, one of the workers adds up the new lines.
local files = require 'tidegate.metrics.session_files'
local lines = require 'tidegate.metrics.session_lines'

local ngx = ngx

local SECONDS = 1
-- A slice has up to 64 KiB, which are some 1,300 lines and take half a millisecond. Beyond this number of slices per
-- second, lines are only counted.
local MOST_SLICES = 64
-- The shortest timer that NGINX has.
local PAUSE_SECONDS = 0.001

local M = {}

local busy = false

--- Called in the master, after reports.open. `path`: of the two files, without `.0` and `.1`. `bounds`: upper bounds of
--- durations in milliseconds, separated by colons. `digest` identifies what is measured.
function M.configure(path, bounds, digest)
  lines.configure(bounds, digest)
  files.open(path)
end

--- Passes slices of a file to `use`, at most `most`, and returns how many there were.
local function pass_slices(file, use, most)
  local count = 0
  while count < most do
    local text = files.next(file)
    if not text then
      break
    end
    use(text)
    count = count + 1
    ngx.sleep(PAUSE_SECONDS)
  end
  return count
end

local function read()
  local previous, current = files.in_order()
  local count = pass_slices(previous, lines.add, MOST_SLICES)
  pass_slices(current, lines.add, MOST_SLICES - count)
  if files.is_complete(previous) then
    pass_slices(previous, lines.drop, math.huge)
  end
  if files.is_complete(previous) then
    files.empty(previous)
  end
end

--- One of the workers reads.
local function read_alone()
  if not files.lock() then
    return
  end
  local ok, failure = pcall(read)
  files.unlock()
  if not ok then
    error(failure, 0)
  end
end

local function attempt(action)
  local ok, failure = pcall(action)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: metrics: sessions: ', failure)
  end
end

local function tick(stopping)
  if stopping or busy then
    return
  end
  busy = true
  attempt(read_alone)
  attempt(lines.write)
  busy = false
end

--- Begins to read regularly.
function M.start()
  if not files.opened() or not ngx.worker.id() then
    return
  end
  local ok, failure = ngx.timer.every(SECONDS, tick)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: this worker counts no sessions: ', failure)
  end
end

--- Writes what this worker has read. A worker calls it when it exits.
function M.at_exit()
  if files.opened() then
    attempt(lines.write)
  end
end

return M
