-- Weighted round robin over the endpoints of a backend, or over the ones that are in use. A rotation is the table that
-- `new` returns; endpoints are named by their index in the backend's lists.
local floor = math.floor
local random = math.random

local M = {}

local function greatest_common_divisor(a, b)
  while b ~= 0 do
    a, b = b, a % b
  end
  return a
end

--- A step near the golden section of `total` that shares no divisor with it: repeated, it visits every position once
--- before it returns, and consecutive visits are far apart.
local function step_through(total)
  local step = math.max(1, floor(total * 0.6180339887))
  while greatest_common_divisor(step, total) ~= 1 do
    step = step + 1
  end
  return step
end

--- A rotation with a random start, so that workers are not in step. `weights`: those of all endpoints; `indexes`: which
--- of them take part, or false for all.
function M.new(weights, indexes)
  local count = indexes and #indexes or #weights
  local reached, total, equal = {}, 0, true
  local first = weights[indexes and indexes[1] or 1]
  for place = 1, count do
    local weight = weights[indexes and indexes[place] or place]
    equal = equal and weight == first
    total = total + weight
    reached[place] = total
  end
  return {
    count = count,
    equal = equal,
    indexes = indexes,
    -- Sum of the weights up to and including this place; only if they differ.
    reached = not equal and reached,
    total = total,
    step = equal and 1 or step_through(total),
    -- Place (equal weights) or position among `total` of the endpoint that had the last turn.
    position = count == 0 and 0 or equal and random(count) or random(0, total - 1),
  }
end

--- The first place whose range ends after `position`.
local function at(reached, position)
  local low, high = 1, #reached
  while low < high do
    local middle = floor((low + high) / 2)
    if reached[middle] > position then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

--- Advances by one turn; returns the place whose turn it is.
local function turn(rotation)
  if rotation.equal then
    local place = rotation.position + 1
    if place > rotation.count then
      place = 1
    end
    rotation.position = place
    return place
  end
  local position = (rotation.position + rotation.step) % rotation.total
  rotation.position = position
  return at(rotation.reached, position)
end

--- The endpoint whose turn is next. In a period (the sum of the weights), each comes exactly as often as its weight.
function M.next(rotation)
  local place = turn(rotation)
  local indexes = rotation.indexes
  return indexes and indexes[place] or place
end

--- The next endpoint whose id (`ids`: by index) is not in the set `tried`, or nil if all of the rotation are.
function M.next_untried(rotation, ids, tried)
  local indexes = rotation.indexes
  local place = turn(rotation)
  for _ = 1, rotation.count do
    local index = indexes and indexes[place] or place
    if not tried[ids[index]] then
      return index
    end
    place = place % rotation.count + 1
  end
end

--- Two random endpoints: different ones if weights are equal, otherwise each drawn by weight, so that an endpoint that
--- always wins does not get the other's share too.
function M.any_two(rotation)
  local count, indexes = rotation.count, rotation.indexes
  local first, second
  if count == 1 then
    first, second = 1, 1
  elseif rotation.equal then
    first, second = random(count), random(count - 1)
    if second >= first then
      second = second + 1
    end
  else
    first = at(rotation.reached, random(0, rotation.total - 1))
    second = at(rotation.reached, random(0, rotation.total - 1))
  end
  if indexes then
    return indexes[first], indexes[second]
  end
  return first, second
end

--- Which endpoint had the last turn, and how far into its weight it was.
function M.last(rotation)
  local place, offset = rotation.position, 0
  if not rotation.equal then
    place = at(rotation.reached, rotation.position)
    offset = rotation.position - (place > 1 and rotation.reached[place - 1] or 0)
  end
  return rotation.indexes and rotation.indexes[place] or place, offset
end

--- The place of the endpoint `index`, or of the last one before it (0: none), and whether it is the endpoint's own.
local function place_of(rotation, index)
  local indexes = rotation.indexes
  if not indexes then
    return index, true
  end
  local place = 0
  while place < rotation.count and indexes[place + 1] <= index do
    place = place + 1
  end
  return place, indexes[place] == index
end

--- Continues `rotation` where `old` stopped: `index` is the endpoint which had the last turn, or nil if it no longer
--- exists.
function M.resume(rotation, old, index)
  if rotation.count == 0 or old.count == 0 then
    return
  end
  local place, own
  if index then
    place, own = place_of(rotation, index)
  end
  if rotation.equal then
    rotation.position = place or old.equal and old.position % rotation.count or rotation.position
  elseif own then
    local _, offset = M.last(old)
    local before = place > 1 and rotation.reached[place - 1] or 0
    rotation.position = math.min(before + offset, rotation.reached[place] - 1)
  else
    rotation.position = old.position % rotation.total
  end
end

return M
