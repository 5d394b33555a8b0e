-- A cache with a limited number of entries, in two generations. Entries that are used are young. When there are too
-- many young entries, the old ones are dropped and the young ones become old. Reading a young entry, the usual case, is
-- a single table lookup.
local M = {}

--- Creates a cache of at most `capacity` entries. A value may be anything except nil.
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

--- Moves all entries from the cache `from` to the cache `to`, whose previous entries are dropped.
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
