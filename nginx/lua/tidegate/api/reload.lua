-- POST /v1/reload: makes the master reload nginx.conf, if the file on disk has the checksum in the request.
-- POST /v1/announce: tells the workers that the caller is about to do so itself.
local generations = require 'tidegate.workers.generations'
local master = require 'tidegate.workers.master'
local pre_drain = require 'tidegate.workers.pre_drain'
local reply = require 'tidegate.api.reply'
local request_body = require 'tidegate.api.request_body'

local CHECKSUM = '^' .. string.rep('[0-9a-f]', 16) .. '$'

local M = {}

function M.post()
  local expected = request_body.field('conf')
  if type(expected) ~= 'string' or not string.find(expected, CHECKSUM) then
    return reply.refuse(400, 'malformed', 'expected {"conf":"<16 hex digits>"}')
  end
  local found, failure = master.checksum_on_disk()
  if not found then
    return reply.refuse(500, 'unreadable', failure)
  elseif found ~= expected then
    return reply.refuse(409, 'mismatch', 'nginx.conf has the checksum ' .. found .. ' and not ' .. expected)
  end
  pre_drain.expect()
  local signalled, code, message = master.reload()
  if not signalled then
    return reply.refuse(500, code, message)
  end
  reply.send(202, string.format('{"generation":%d}', (generations.own())))
end

function M.announce()
  pre_drain.expect()
  reply.send(200, string.format('{"generation":%d}', (generations.own())))
end

return M
