-- How a worker learns about changes: one number in memory that all processes share. A request compares it with the
-- number that the worker saw last (one load, no lock, no timer). A ring in the dictionary names the keys of the last
-- changes; a worker that is further behind than the ring reaches drops everything.
--
-- The page is mapped by the master and its address kept in the dictionary, so that generations before and after a
-- SIGHUP use the same one. The number is a plain store after the dictionary's mutex was released, which orders it after
-- the values, on arm64 too.
local ffi = require 'ffi'

ffi.cdef [[
  void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset);
]]

local PAGE_BYTES = 4096
-- Positions of the cells after the version: each is one double.
local CELLS = { leaving = 1, since = 2, begun = 3, ended = 4 }
local PROT_READ_WRITE = 3
local MAP_SHARED_ANONYMOUS = 0x21
local RING = 1024
-- User flags of a dictionary entry are 32 bits.
local FLAG_RANGE = 2 ^ 30

local M = {}

local dict
local cell
local seen = 0

--- Finds or makes the page. Called in the master only, before it forks.
function M.open(shared)
  dict = shared
  local address = dict:get('!page')
  if not address then
    local mapped = ffi.C.mmap(nil, PAGE_BYTES, PROT_READ_WRITE, MAP_SHARED_ANONYMOUS, -1, 0)
    address = tonumber(ffi.cast('uintptr_t', mapped))
    if mapped == ffi.cast('void *', -1) then
      error('cannot map the version page')
    end
    assert(dict:safe_set('!page', address))
  end
  cell = ffi.cast('volatile double *', ffi.cast('uintptr_t', address))
end

--- The address of a number of this name that all processes share, initially 0: a pointer to a double. `leaving`,
--- `since` and `begun` belong to workers/pre_drain.lua, `ended` to workers/draining.lua.
function M.cell(name)
  return cell + CELLS[name]
end

--- Starts a worker whose caches are empty.
function M.start()
  seen = cell[0]
end

--- Has anything changed since `catch_up`?
function M.behind()
  return cell[0] ~= seen
end

--- Calls `forget(key)` for every key changed since the last call, or `forget_all()` if they are unknown.
function M.catch_up(forget, forget_all)
  local now = cell[0]
  local first = seen + 1
  seen = now
  if now - first >= RING or now < first then
    return forget_all()
  end
  for sequence = first, now do
    local key, flags = dict:get('!l:' .. sequence % RING)
    -- A writer may already be reusing the entry for a later change.
    if not key or flags ~= sequence % FLAG_RANGE then
      return forget_all()
    end
    forget(key)
  end
end

--- Makes every worker drop everything. Called under the lock.
function M.announce_all()
  cell[0] = cell[0] + RING + 1
end

--- Makes every worker drop `keys` before its next request. Called under the lock, after the values were written.
function M.announce(keys)
  local sequence = cell[0]
  if #keys > RING then
    return M.announce_all()
  end
  for _, key in ipairs(keys) do
    sequence = sequence + 1
    if not dict:safe_set('!l:' .. sequence % RING, key, 0, sequence % FLAG_RANGE) then
      return M.announce_all()
    end
  end
  cell[0] = sequence
end

return M
