-- Notifies the workers of changes. The sequence number of the last change is in memory that all processes share. Before
-- each request, a worker compares it with the number that it saw last, which is one load without a lock or a timer. A
-- ring buffer in the dictionary contains the keys of the last changes. A worker that has missed more changes than the
-- ring buffer contains drops all its caches.
--
-- The master maps a page of memory and stores its address in the dictionary, so that the generations before and after a
-- reload use the same page. The writer stores the number after it has released the dictionary's mutex. Therefore every
-- worker that reads the new number also sees the new values, on arm64 too.
local ffi = require 'ffi'

ffi.cdef [[
  void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset);
]]

local PAGE_BYTES = 4096
-- Positions in the page, after the sequence number at position 0. Each cell is one double.
local CELLS = { leaving = 1, since = 2, begun = 3, ended = 4, read = 5 }
-- The rest of the page has one cell for each worker.
local FIRST_WORKER = 6
local PROT_READ_WRITE = 3
local MAP_SHARED_ANONYMOUS = 0x21
local RING = 1024
-- The user flags of a dictionary entry, which store the sequence number, have 32 bits.
local FLAG_RANGE = 2 ^ 30

local M = {}

local dict
local cell
local seen = 0

--- Finds or maps the page. Called only in the master, before it forks the workers.
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

--- A pointer to the double with this name, which all processes share and which is initially 0. `leaving`, `since`,
--- `read` and `begun` are used by workers/pre_drain.lua, `ended` by workers/draining.lua.
function M.cell(name)
  return cell + CELLS[name]
end

--- A pointer to a double that workers with this id of all generations share, initially 0; nil if there is none, because
--- there are more workers than the page has room for. Used by workers/quic.lua.
function M.worker_cell(id)
  local position = FIRST_WORKER + id
  return position < PAGE_BYTES / 8 and cell + position or nil
end

--- Called when a worker starts, with empty caches.
function M.start()
  seen = cell[0]
end

--- Whether anything has changed since the last `catch_up`.
function M.behind()
  return cell[0] ~= seen
end

--- Calls `forget(key)` for every key that has changed since the last call, or `forget_all()` if the changed keys are
--- unknown.
function M.catch_up(forget, forget_all)
  local now = cell[0]
  local first = seen + 1
  seen = now
  if now - first >= RING or now < first then
    return forget_all()
  end
  for sequence = first, now do
    local key, flags = dict:get('!l:' .. sequence % RING)
    -- A writer may already have overwritten the entry for a later change.
    if not key or flags ~= sequence % FLAG_RANGE then
      return forget_all()
    end
    forget(key)
  end
end

--- Makes every worker drop all its caches before its next request. Called with the lock held.
function M.announce_all()
  cell[0] = cell[0] + RING + 1
end

--- Makes every worker drop `keys` from its caches before its next request. Called with the lock held, after the values
--- were written.
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
