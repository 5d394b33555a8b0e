-- Carries the worker's knowledge about a backend over to a changed version of the backend, which is decoded from
-- scratch: the peers of the remaining endpoints, and the position of the round robin.
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

--- Transfers the knowledge from `old` to `backend`. Both are tables of shapes/backend.lua. `old` must not be used
--- afterwards.
function M.take_over(backend, old)
  rotation.resume(backend.rotation, old.rotation, index_of(backend.ids, old.ids[(rotation.last(old.rotation))]))
  if old.group then
    peers.enrol(old.group, backend)
    ejection.review(old.group)
  end
end

return M
