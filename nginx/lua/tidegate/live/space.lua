-- Estimates how much space a change needs in the dictionary. nginx rounds the size of an entry up to a power of two, or
-- to whole pages if it is larger than half a page.
local M = {}

local PAGE_BYTES = 4096
-- The size of nginx's tree node and of the dictionary's own fields, for each entry.
local ENTRY_BYTES = 68
-- `free_space` counts only whole free pages. Partly used pages, at most one for each size, may have up to this much
-- space.
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

--- The number of bytes by which the dictionary grows when the values `texts` (key → text) replace `old` (key → text).
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

--- Whether a change that needs `bytes` may fit, if `free_space` reports `free`.
function M.may_fit(bytes, free)
  return bytes <= free + BEGUN_PAGES_BYTES
end

return M
