-- Writes what has been counted into reports, about once a second, or less often if very many series have changed. A worker
-- that was told to stop gets no timers anymore, so it writes in the log phase instead, and once more when it exits. If
-- the dictionary is full, the numbers stay in the worker, whose tables are limited, until the next attempt.
local native = require 'tidegate.metrics.native'
local series = require 'tidegate.metrics.series'
local reports = require 'tidegate.metrics.reports'
local tally = require 'tidegate.values.tally'

local ngx = ngx
local concat, format = table.concat, string.format

local SECONDS = 1
-- Writing a series takes about 10 µs. With this pause for each of them, writing takes at most 2 % of the worker's time.
local SECONDS_EACH = 0.0005
-- A report is complete once it has this many bytes. The line that crosses this limit still belongs to the report; with
-- native histograms, a line can have 30 KiB.
local TEXT_BYTES = 24 * 1024
-- NGINX's timers may be early by this much.
local TIMER_SECONDS = 0.05
-- The shortest timer that NGINX has.
local PAUSE_SECONDS = 0.001
-- From this number on, Lua would use exponential notation.
local LARGE = 1e14

local M = {
  -- This worker was told to stop.
  closing = false,
}

local version_line = ''
local method_names = {}
local width = 1
local busy = false
-- When the last attempt began, and how many series it wrote.
local last = 0
local written = 0

--- `names`: the methods by number. `numbers`: how many numbers a cell has. `digest` identifies what is measured.
function M.configure(names, numbers, digest)
  method_names = names
  width = numbers
  version_line = 'v 1 ' .. digest
end

local function group_line(group)
  return concat({ 'g', group.route or '-', group.service or '-', group.canary or '-', group.host or '-' }, ' ')
end

local function cell_line(cell)
  local parts = { 'c', method_names[cell.method], cell.status, cell[1] }
  for place = 2, width do
    local value = cell[place]
    if value ~= 0 then
      parts[#parts + 1] = (place - 1) .. '=' .. (value < LARGE and value or format('%.0f', value))
    end
  end
  native.write(cell, parts)
  return concat(parts, ' ')
end

--- The report for the cells from `from` on, and the index of its last cell.
local function compose(owners, cells, folded, from)
  local lines = { version_line }
  if folded > 0 then
    lines[2] = 'f ' .. folded
  end
  local bytes, group = 0, nil
  for i = from, #cells do
    if owners[i] ~= group then
      group = owners[i]
      lines[#lines + 1] = group_line(group)
      bytes = bytes + #lines[#lines]
    end
    lines[#lines + 1] = cell_line(cells[i])
    bytes = bytes + #lines[#lines]
    if bytes >= TEXT_BYTES or i == #cells then
      lines[#lines + 1] = ''
      return concat(lines, '\n'), i
    end
  end
end

--- The report of the entries of a tally from `from` on, as lines that begin with `letter`; and the index of the last one.
local function compose_tally(letter, taken, from)
  local lines, bytes = { version_line }, 0
  for i = from, #taken do
    local line = concat({ letter, taken[i][1], taken[i][2], format('%d', taken[i][3]) }, ' ')
    lines[#lines + 1] = line
    bytes = bytes + #line
    if bytes >= TEXT_BYTES or i == #taken then
      lines[#lines + 1] = ''
      return concat(lines, '\n'), i
    end
  end
end

--- Writes what a tally has counted. Returns false if the dictionary is full.
local function write_tally(letter, counted)
  local taken = counted.take()
  local from = 1
  while from <= #taken do
    local report, to = compose_tally(letter, taken, from)
    if not reports.push(report) then
      counted.give_back(taken, from)
      return false
    end
    from = to + 1
  end
  return true
end

--- Writes everything that has changed. `pause` is called between two reports.
local function write(pause)
  if not (write_tally('w', tally.reasons) and write_tally('e', tally.events)) then
    return
  end
  local owners, cells, folded = series.take()
  local from = 1
  written = #cells
  while from <= #cells do
    local report, to = compose(owners, cells, folded, from)
    if not reports.push(report) then
      series.give_back(owners, cells, folded, from)
      return
    end
    for i = from, to do
      series.clear(cells[i])
    end
    from = to + 1
    folded = 0
    if from <= #cells then
      pause()
    end
  end
  series.tidy()
end

local function flush(pause)
  if busy then
    return
  end
  busy = true
  last = ngx.now()
  local ok, failure = pcall(write, pause)
  busy = false
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: metrics: ', failure)
  end
end

local function go_on()
end

local function sleep()
  ngx.sleep(PAUSE_SECONDS)
end

local function is_due()
  return ngx.now() - last >= math.max(SECONDS, written * SECONDS_EACH) - TIMER_SECONDS
end

--- The log phase of a worker that was told to stop.
function M.in_time()
  if is_due() then
    flush(go_on)
  end
end

--- Writes at once. A worker calls it when it exits.
function M.at_exit()
  if reports.opened() then
    flush(go_on)
  end
end

local function tick(stopping)
  if stopping then
    M.closing = true
    return flush(go_on)
  end
  if is_due() then
    flush(sleep)
  end
end

--- Begins to write regularly. The first time is random, so that the workers do not all write at once.
function M.start()
  if not ngx.worker.id() then
    return
  end
  local ok, failure = ngx.timer.at(math.random() * SECONDS, function(stopping)
    tick(stopping)
    if not stopping then
      ngx.timer.every(SECONDS, tick)
    end
  end)
  if not ok then
    ngx.log(ngx.ERR, 'tidegate: metrics are written only when this worker exits: ', failure)
  end
end

return M
