-- POST /v1/end: makes the workers of a generation and of all earlier ones close their remaining connections. The
-- generation must not be the newest one.
local draining = require 'tidegate.workers.draining'
local reply = require 'tidegate.api.reply'
local request_body = require 'tidegate.api.request_body'

local M = {}

function M.post()
  local number = request_body.field('generation')
  local newest = draining.newest()
  if type(number) ~= 'number' or number % 1 ~= 0 or number < 1 or number >= newest then
    return reply.refuse(400, 'malformed', string.format(
      'expected {"generation":<number>} of draining workers, from 1 to %d', newest - 1
    ))
  end
  reply.send(200, string.format('{"generation":%d}', draining.end_up_to(number)))
end

return M
