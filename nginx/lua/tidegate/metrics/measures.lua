-- Reads the text in nginx.conf that says what to measure. measuresText in controller/types/request-metrics.ts writes it.
local native = require 'tidegate.metrics.native'

-- In one second.
local MILLISECONDS = 1000

local M = {}

--- A function that returns the number (from 1) of the bucket for a value. It has no loop, because LuaJIT does not
--- compile a function with a loop that usually ends after a few rounds.
local function bucket_function(bounds)
  local function choose(from, to)
    if from == to then
      return tostring(from)
    end
    local middle = math.floor((from + to) / 2)
    return string.format(
      '(value <= %s and %s or %s)', bounds[middle], choose(from, middle), choose(middle + 1, to)
    )
  end
  return assert(loadstring('return function(value) return ' .. choose(1, #bounds + 1) .. ' end'))()
end

local function items_of(section)
  local items = {}
  for item in string.gmatch(section, '[^:]+') do
    items[#items + 1] = item
  end
  return items
end

--- Returns `methods` (name → number), the `names` of the methods by number, the `histograms` by name, the `width` (how
--- many numbers a series has), and `digest`, which identifies the text. A histogram is {sum, bucket}: the place of the
--- sum, and the function that returns the bucket of a value; bucket `n` is at the place sum + n. Place 1 is the number
--- of requests. If there are native histograms, a histogram has the fields `native` and `per`, too: how many of the
--- workers' units are one unit of the metric.
function M.read(text)
  local measures = { methods = {}, names = {}, histograms = {}, width = 1, digest = ngx.md5(text) }
  local has_natives = false
  for section in string.gmatch(text, '[^/]+') do
    local items = items_of(section)
    local name = table.remove(items, 1)
    if name == 'methods' then
      for i, method in ipairs(items) do
        measures.methods[method] = i
      end
      measures.names = items
    elseif name == 'native' then
      has_natives = true
      native.configure(tonumber(items[1]), tonumber(items[2]))
    else
      for _, bound in ipairs(items) do
        assert(tonumber(bound), 'metrics: not a number: ' .. bound)
      end
      measures.histograms[name] = {
        sum = measures.width + 1,
        bucket = bucket_function(items),
        native = has_natives,
        per = string.find(name, '_seconds$') and MILLISECONDS or 1,
      }
      measures.width = measures.width + #items + 2
    end
  end
  return measures
end

return M
