-- A writer that died halfway leaves its mark (and, thanks to the kernel, not the lock). It is unknown which of its
-- values are in force: every worker drops everything, and the revision moves past both the one it started from and the
-- one it was about to reach, so that the controller sees that it has to compare.
local change_notice = require 'tidegate.live.change_notice'
local document = require 'tidegate.live.document'

local M = {}

--- Called with the lock held.
function M.recover()
  local base = document.unfinished()
  if not base then
    return
  end
  change_notice.announce_all()
  document.set_version(base + 2, document.UNKNOWN_DIGEST)
  document.mark_clean()
  ngx.log(ngx.WARN, 'tidegate: a change of revision ', base, ' was cut short, now at revision ', base + 2)
end

return M
