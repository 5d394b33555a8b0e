-- Adds up the lines about sessions, and writes the sums into reports.
--
-- A line: `<entry> <status> <bytes received> <bytes sent> <seconds> <connect times of all attempts>`.
local reports = require 'tidegate.metrics.reports'

local concat, format = table.concat, string.format
local gmatch, gsub, match = string.gmatch, string.gsub, string.match

-- An entry has a few statuses.
local MOST_SERIES = 4000
local TEXT_BYTES = 24 * 1024
local LINE = '^([%w/._-]+) (%d%d%d) (%d+) (%d+) (%d+)%.(%d%d%d) ([%d., -]+)$'
-- Places in a series; the buckets of durations follow.
local SESSIONS, RECEIVED, SENT, RETRIES, DURATION = 1, 2, 3, 4, 5

local M = {}

local head = ''
-- Upper bounds of the buckets of durations, in milliseconds.
local bounds = {}
-- What is not in a report yet, by `<entry> <status>`.
local series = {}
local size = 0
-- Lines in another format, and lines that were not added up because there were too many.
local malformed, dropped = 0, 0

--- `bucket_bounds`: upper bounds of durations in milliseconds, separated by colons. `digest` identifies what is measured.
function M.configure(bucket_bounds, digest)
  head = 'v 1 ' .. digest .. '\n'
  for bound in gmatch(bucket_bounds, '%d+') do
    bounds[#bounds + 1] = tonumber(bound)
  end
end

local function series_of(key)
  local found = series[key]
  if not found and size < MOST_SERIES then
    found = { 0, 0, 0, 0, 0 }
    for place = DURATION + 1, DURATION + #bounds + 1 do
      found[place] = 0
    end
    series[key] = found
    size = size + 1
  end
  return found
end

local function bucket(milliseconds)
  for i = 1, #bounds do
    if milliseconds <= bounds[i] then
      return i
    end
  end
  return #bounds + 1
end

local function add_line(line)
  local entry, status, received, sent, seconds, thousandths, attempts = match(line, LINE)
  if not entry then
    malformed = malformed + 1
    return
  end
  local found = series_of(entry .. ' ' .. status)
  if not found then
    dropped = dropped + 1
    return
  end
  local milliseconds = seconds * 1000 + thousandths
  local _, retries = gsub(attempts, ',', '')
  found[SESSIONS] = found[SESSIONS] + 1
  found[RECEIVED] = found[RECEIVED] + received
  found[SENT] = found[SENT] + sent
  found[RETRIES] = found[RETRIES] + retries
  found[DURATION] = found[DURATION] + milliseconds
  local place = DURATION + bucket(milliseconds)
  found[place] = found[place] + 1
end

--- `text` consists of lines. Without a newline at its end, it is part of a line that is too long.
function M.add(text)
  for line in gmatch(text, '[^\n]+') do
    add_line(line)
  end
end

--- Only counts the lines, which takes much less time.
function M.drop(text)
  local _, lines = gsub(text, '\n', '')
  dropped = dropped + lines
end

local function line_of(key, numbers)
  local parts = { 's', key }
  for i = 1, #numbers do
    parts[i + 2] = format('%.0f', numbers[i])
  end
  return concat(parts, ' ') .. '\n'
end

local function write_left_out()
  if malformed + dropped == 0 then
    return true
  end
  if not reports.push(head .. format('l %d %d\n', malformed, dropped)) then
    return false
  end
  malformed, dropped = 0, 0
  return true
end

--- Writes reports. What the dictionary has no room for is kept for the next call.
function M.write()
  if not write_left_out() then
    return
  end
  local lines, keys, bytes = { head }, {}, 0
  local function push()
    if not reports.push(concat(lines)) then
      return false
    end
    for _, key in ipairs(keys) do
      series[key] = nil
    end
    size = size - #keys
    lines, keys, bytes = { head }, {}, 0
    return true
  end
  for key, numbers in pairs(series) do
    local line = line_of(key, numbers)
    lines[#lines + 1] = line
    keys[#keys + 1] = key
    bytes = bytes + #line
    if bytes >= TEXT_BYTES and not push() then
      return
    end
  end
  if #keys > 0 then
    push()
  end
end

return M
