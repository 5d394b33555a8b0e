-- The shared dictionary. It contains the document (keys `r:`, `p:`, `b:`, `c:`, `n:`, `g:`) and records about it, whose
-- keys start with `!`. Records of fixed size are created in the master. Overwriting them later needs no additional
-- memory, so that the revision can be updated even if the dictionary is full.
local M = {}

M.UNKNOWN_DIGEST = string.rep('0', 32)

local dict

local FIXED = {
  ['!revision'] = 0,
  ['!digest'] = M.UNKNOWN_DIGEST,
  -- 0, or 1 + the revision from which an unfinished change started.
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

--- The revision from which an unfinished change started, or nil. The result is valid only if the caller holds the lock.
function M.unfinished()
  local mark = dict:get('!dirty')
  return mark ~= 0 and mark - 1 or nil
end

--- Whether this NGINX should get no more traffic.
function M.draining()
  return dict:get('!draining')
end

function M.set_draining(draining)
  dict:safe_set('!draining', draining)
end

--- Whether a key belongs to the document, and not to the records about it.
function M.is_document_key(key)
  return string.find(key, '^[pgcbnr]:') ~= nil
end

--- All keys of the document. If there are many, the dictionary's mutex is locked for some milliseconds.
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
