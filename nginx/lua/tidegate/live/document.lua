-- The shared dictionary: the document (keys `r:`, `p:`, `b:`, `c:`, `n:`, `g:`) and, under names that start with `!`,
-- what the workers know about it. Everything of fixed size is created in the master: once it exists, rewriting it needs
-- no memory, so that a full dictionary can still say which revision it holds.
local M = {}

M.UNKNOWN_DIGEST = string.rep('0', 32)

local dict

local FIXED = {
  ['!revision'] = 0,
  ['!digest'] = M.UNKNOWN_DIGEST,
  -- 0, or 1 + the revision that an unfinished change started from.
  ['!dirty'] = 0,
  ['!generation'] = 0,
  ['!oldest'] = 1,
  ['!draining'] = false,
  ['!closed_early'] = 0,
}

--- Returns the dictionary `tidegate_live`; raises an error if nginx.conf does not define it.
function M.open()
  dict = ngx.shared.tidegate_live
  if not dict then
    error('nginx.conf defines no lua_shared_dict tidegate_live')
  end
  for key, value in pairs(FIXED) do
    local _, failure = dict:safe_add(key, value)
    if failure and failure ~= 'exists' then
      error('tidegate_live is too small: ' .. failure)
    end
  end
  return dict
end

--- Revision and digest of the document.
function M.version()
  return dict:get('!revision'), dict:get('!digest')
end

function M.set_version(revision, digest)
  dict:safe_set('!revision', revision)
  dict:safe_set('!digest', digest)
end

--- Marks that the document is being changed, starting from revision `base`.
function M.mark_dirty(base)
  dict:safe_set('!dirty', base + 1)
end

function M.mark_clean()
  dict:safe_set('!dirty', 0)
end

--- The revision that an unfinished change started from, or nil. Only valid while holding the lock.
function M.unfinished()
  local mark = dict:get('!dirty')
  return mark ~= 0 and mark - 1 or nil
end

--- Should this NGINX get no more traffic?
function M.draining()
  return dict:get('!draining')
end

function M.set_draining(draining)
  dict:safe_set('!draining', draining)
end

--- Is this the name of a part of the document, and not of our own records?
function M.is_document_key(key)
  return string.find(key, '^[pgcbnr]:') ~= nil
end

--- All keys of the document. Holds the dictionary's mutex for some milliseconds if there are many.
function M.keys()
  local found = {}
  for _, key in ipairs(dict:get_keys(0)) do
    if M.is_document_key(key) then
      found[#found + 1] = key
    end
  end
  return found
end

return M
