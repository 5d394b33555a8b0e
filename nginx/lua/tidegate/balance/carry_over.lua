-- A changed backend is decoded from scratch. The worker's knowledge about the old one is carried over: the peers of the
-- remaining endpoints, and the position of the round robin.
local ejection = require 'tidegate.balance.ejection'
local peers = require 'tidegate.balance.peers'
local rotation = require 'tidegate.balance.rotation'

local M = {}

local function index_of(ids, id)
  for index, each in ipairs(ids) do
    if each == id then
      return index
    end
  end
end

--- Replaces `old` with `backend`; both as made by shapes/backend.lua. `old` must not be used afterwards.
function M.take_over(backend, old)
  rotation.resume(backend.rotation, old.rotation, index_of(backend.ids, old.ids[(rotation.last(old.rotation))]))
  if old.group then
    peers.enrol(old.group, backend)
    ejection.review(old.group)
  end
end

return M
