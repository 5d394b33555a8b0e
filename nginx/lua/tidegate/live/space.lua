-- How much of the dictionary a change needs. nginx rounds an entry up to a power of two, and from half a page on to
-- whole pages.
local M = {}

local PAGE_BYTES = 4096
-- nginx's tree node and the dictionary's own fields.
local ENTRY_BYTES = 68
-- `free_space` counts whole pages; up to this much may be left in partly used pages, one for each size.
local BEGUN_PAGES_BYTES = 8 * PAGE_BYTES

local function occupied(key, text)
  local bytes = ENTRY_BYTES + #key + #text
  if bytes > PAGE_BYTES / 2 then
    return math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES
  end
  local size = 64
  while size < bytes do
    size = size * 2
  end
  return size
end

--- Bytes by which the dictionary grows when `texts` (key → text) replace `old` (key → text).
function M.growth(texts, old)
  local bytes = 0
  for key, text in pairs(texts) do
    if text then
      local before = old[key] and occupied(key, old[key]) or 0
      bytes = bytes + math.max(0, occupied(key, text) - before)
    end
  end
  return bytes
end

--- Is it worth trying a change that needs `bytes`?
function M.may_fit(bytes, free)
  return bytes <= free + BEGUN_PAGES_BYTES
end

return M
