-- Recovers after a writer that died during a change. The writer has left the dirty mark, but not the lock, which the
-- kernel has released. It is unknown which of its values were written. Therefore every worker drops its caches, and the
-- revision becomes larger than the one that the change would have reached, so that the controller notices that it has
-- to compare all values.
local change_notice = require 'tidegate.live.change_notice'
local document = require 'tidegate.live.document'

local M = {}

--- Recovers if there is a dirty mark. Called with the lock held.
function M.recover()
  local base = document.unfinished()
  if not base then
    return
  end
  change_notice.announce_all()
  document.set_version(base + 2, document.UNKNOWN_DIGEST)
  document.mark_clean()
  ngx.log(ngx.WARN, 'tidegate: a change of revision ', base, ' was interrupted, now at revision ', base + 2)
end

return M
