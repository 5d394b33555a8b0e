-- Weighted round robin over all endpoints of a backend, or over some of them. A rotation is the table that `new`
-- returns. Endpoints are identified by their index in the backend's lists. A place is the index of an endpoint in the
-- rotation's own list.
local floor = math.floor
local random = math.random

local M = {}

local function greatest_common_divisor(a, b)
  while b ~= 0 do
    a, b = b, a % b
  end
  return a
end

--- A step near the golden section of `total` that has no common divisor with `total`. Repeated steps (modulo `total`)
--- visit every position once before they return to the first one, and consecutive positions are far apart.
local function step_through(total)
  local step = math.max(1, floor(total * 0.6180339887))
  while greatest_common_divisor(step, total) ~= 1 do
    step = step + 1
  end
  return step
end

--- Creates a rotation with a random start, so that workers do not all choose the same endpoint. `weights` has the
--- weights of all endpoints. `indexes` lists the endpoints that take part, or is false for all endpoints.
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
    -- For each place, the sum of the weights up to and including it; only if the weights differ.
    reached = not equal and reached,
    total = total,
    step = equal and 1 or step_through(total),
    -- The last turn: the place of the endpoint if the weights are equal, otherwise a position from 0 to `total` - 1.
    position = count == 0 and 0 or equal and random(count) or random(0, total - 1),
  }
end

--- The place whose range of positions contains `position`.
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

--- Advances by one turn. Returns the place whose turn it is.
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

--- Index of the next endpoint. In a period of `total` turns, each endpoint has exactly as many turns as its weight.
function M.next(rotation)
  local place = turn(rotation)
  local indexes = rotation.indexes
  return indexes and indexes[place] or place
end

--- Index of the next endpoint whose id is not in the set `tried`, or nil if all ids of the rotation are in it. `ids`
--- lists the ids by index.
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

--- Indexes of two random endpoints. With equal weights, they are different endpoints. With unequal weights, each is
--- drawn by weight and they may be the same, so that an endpoint that wins every comparison does not get more than its
--- share.
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

--- The index of the endpoint that had the last turn, and the offset of that turn in the endpoint's range of positions.
function M.last(rotation)
  local place, offset = rotation.position, 0
  if not rotation.equal then
    place = at(rotation.reached, rotation.position)
    offset = rotation.position - (place > 1 and rotation.reached[place - 1] or 0)
  end
  return rotation.indexes and rotation.indexes[place] or place, offset
end

--- The place of the endpoint `index`, and true; or, if that endpoint does not take part, the place of the last endpoint
--- before it (0 if there is none), and false.
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

--- Makes `rotation` continue where `old` stopped. `index` is the new index of the endpoint that had the last turn, or
--- nil if it no longer exists.
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
