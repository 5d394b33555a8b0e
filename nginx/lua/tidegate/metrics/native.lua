-- Native histograms of Prometheus: bucket i contains the values above 2^((i - 1) / 2^schema) and up to 2^(i / 2^schema), in
-- the unit of the metric. Only buckets that contain values are stored. If there would be too many, pairs of neighbours
-- are merged, which lowers the schema by one, until the counts are in a report.
local ceil, log = math.ceil, math.log

local M = {}

-- The schema with the widest buckets that Prometheus knows.
local LOWEST_SCHEMA = -4
-- Values on the bound between two buckets belong to the lower one, whatever the rounding errors of the logarithm.
local ROUNDING = 1e-9
local LOG_2 = log(2)

local highest = 0
local most = 0

--- `schema`: of histograms whose buckets were not merged. `buckets`: the maximum number of buckets of a histogram.
function M.configure(schema, buckets)
  highest = schema
  most = buckets
end

local function widen(histogram)
  local wider, size = {}, 0
  for index, count in pairs(histogram.buckets) do
    local merged = ceil(index / 2)
    if not wider[merged] then
      size = size + 1
    end
    wider[merged] = (wider[merged] or 0) + count
  end
  histogram.buckets = wider
  histogram.size = size
  histogram.schema = histogram.schema - 1
end

--- Adds a value to the histogram at `place` of a cell. The value is a number of units of the workers (milliseconds, bytes),
--- of which the unit of the metric has `per`.
function M.add(cell, place, value, per)
  local natives = cell.natives
  if not natives then
    natives = {}
    cell.natives = natives
  end
  local histogram = natives[place]
  if not histogram then
    histogram = { schema = highest, zero = 0, size = 0, buckets = {} }
    natives[place] = histogram
  end
  if value <= 0 then
    histogram.zero = histogram.zero + 1
    return
  end
  local index = ceil(log(value / per) / LOG_2 * 2 ^ histogram.schema - ROUNDING)
  local buckets = histogram.buckets
  local count = buckets[index]
  buckets[index] = (count or 0) + 1
  if not count then
    histogram.size = histogram.size + 1
    while histogram.size > most and histogram.schema > LOWEST_SCHEMA do
      widen(histogram)
    end
  end
end

--- Appends the native histograms of a cell to the parts of its line: the place of the sum, the schema, and the buckets.
function M.write(cell, parts)
  if not cell.natives then
    return
  end
  for place, histogram in pairs(cell.natives) do
    parts[#parts + 1] = 'n' .. (place - 1) .. ':' .. histogram.schema
    if histogram.zero > 0 then
      parts[#parts + 1] = 'z=' .. histogram.zero
    end
    for index, count in pairs(histogram.buckets) do
      -- Zero may be negative.
      parts[#parts + 1] = (index == 0 and 0 or index) .. '=' .. count
    end
  end
end

return M
