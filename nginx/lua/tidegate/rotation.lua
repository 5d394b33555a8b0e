-- Round robin over the endpoints of a backend; a backend is the table of shapes/backend.lua.
local M = {}

--- The first endpoint whose reach lies beyond `position`.
local function at(reached, position)
  local low, high = 1, #reached
  while low < high do
    local middle = math.floor((low + high) / 2)
    if reached[middle] > position then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

--- Index of the next endpoint. Over a period (the sum of the weights) each comes exactly as often as its weight.
function M.next(backend)
  if backend.equal then
    local index = backend.position + 1
    if index > backend.count then
      index = 1
    end
    backend.position = index
    return index
  end
  local position = (backend.position + backend.step) % backend.total
  backend.position = position
  return at(backend.reached, position)
end

--- Index of the next endpoint that is not in the set `tried`, or nil when all are.
function M.next_untried(backend, tried)
  local index = M.next(backend)
  for _ = 1, backend.count do
    if not tried[backend.ids[index]] then
      return index
    end
    index = index % backend.count + 1
  end
end

return M
