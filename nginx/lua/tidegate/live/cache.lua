-- A bounded table in two generations: entries used since the last turn are young, the others are old and dropped at the
-- next turn. Reading a young entry, the usual case, is one table look-up.
local M = {}

--- A cache of at most `capacity` entries. Values are anything except nil.
function M.new(capacity)
  return { young = {}, old = {}, count = 0, half = capacity / 2 }
end

function M.put(cache, key, value)
  if cache.young[key] == nil then
    if cache.count >= cache.half then
      cache.old = cache.young
      cache.young = {}
      cache.count = 0
    end
    cache.count = cache.count + 1
  end
  cache.young[key] = value
end

function M.get(cache, key)
  local value = cache.young[key]
  if value == nil then
    value = cache.old[key]
    if value ~= nil then
      cache.old[key] = nil
      M.put(cache, key, value)
    end
  end
  return value
end

function M.remove(cache, key)
  if cache.young[key] ~= nil then
    cache.young[key] = nil
    cache.count = cache.count - 1
  end
  cache.old[key] = nil
end

--- Moves everything that `from` holds to `to`, whose previous content is dropped.
function M.move(from, to)
  to.young, to.old, to.count = from.young, from.old, from.count
  M.clear(from)
end

function M.clear(cache)
  cache.young = {}
  cache.old = {}
  cache.count = 0
end

return M
