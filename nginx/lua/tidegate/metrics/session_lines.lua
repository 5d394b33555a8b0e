-- Adds up the lines about sessions, and writes the sums into reports.
--
-- A line: `<entry> <status> <bytes received> <bytes sent> <seconds> <connect times of all attempts>`.
local reports = require 'tidegate.metrics.reports'

local concat, format = table.concat, string.format
local byte, find, gmatch, gsub, sub = string.byte, string.find, string.gmatch, string.gsub, string.sub

-- An entry has a few statuses.
local MOST_SERIES = 4000
local TEXT_BYTES = 24 * 1024
local KEY = '^[%w/._-]+ [1-5]%d%d$'
local STATUS_LENGTH = 3
-- NGINX writes a duration with three decimals.
local DECIMALS = 3
-- Sums of larger numbers might not be exact.
local LARGEST = 1e15
local SPACE, COMMA, DASH, DOT, ZERO, NINE = (' ,-.09'):byte(1, 6)
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

--- The number at a position of the text, and the position after the separator that follows it; nil if there is none.
local function number(text, at, separator)
  local from, value, code = at, 0, byte(text, at)
  while code and code >= ZERO and code <= NINE do
    value = value * 10 + code - ZERO
    at = at + 1
    code = byte(text, at)
  end
  if at == from or code ~= separator or value > LARGEST then
    return nil
  end
  return value, at + 1
end

--- The number of commas between a position and the end of the line; nil if there are unexpected characters.
local function commas(text, at, stop)
  local count = 0
  for i = at, stop - 1 do
    local code = byte(text, i)
    if code == COMMA then
      count = count + 1
    elseif code ~= SPACE and code ~= DASH and code ~= DOT and (code < ZERO or code > NINE) then
      return nil
    end
  end
  return at < stop and count or nil
end

--- Reads the line from `at` to the newline at `stop`. Returns `<entry> <status>`, both numbers of bytes, milliseconds and
--- retries; nil if the line is invalid. Loops over bytes take a sixth of the time of a pattern.
local function read_line(text, at, stop)
  local space = find(text, ' ', at, true)
  if not space or space + STATUS_LENGTH >= stop or byte(text, space + STATUS_LENGTH + 1) ~= SPACE then
    return nil
  end
  local key = sub(text, at, space + STATUS_LENGTH)
  if not series[key] and not find(key, KEY) then
    return nil
  end
  local received, sent, seconds, milliseconds, retries
  received, at = number(text, space + STATUS_LENGTH + 2, SPACE)
  if received then
    sent, at = number(text, at, SPACE)
  end
  if sent then
    seconds, at = number(text, at, DOT)
  end
  if seconds then
    local from = at
    milliseconds, at = number(text, at, SPACE)
    retries = milliseconds and at - from == DECIMALS + 1 and commas(text, at, stop)
  end
  if retries then
    return key, received, sent, seconds * 1000 + milliseconds, retries
  end
end

local function add_line(text, at, stop)
  local key, received, sent, milliseconds, retries = read_line(text, at, stop)
  if not key then
    malformed = malformed + 1
    return
  end
  local found = series_of(key)
  if not found then
    dropped = dropped + 1
    return
  end
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
  local at = 1
  while at <= #text do
    local stop = find(text, '\n', at, true)
    if not stop then
      malformed = malformed + 1
      return
    end
    add_line(text, at, stop)
    at = stop + 1
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
