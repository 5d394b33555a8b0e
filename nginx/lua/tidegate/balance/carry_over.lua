-- A backend that changed is decoded anew. What this worker learnt of the old one goes over: the peers of the endpoints
-- that stayed, and whose turn it was.
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

--- Has `backend` take the place of `old`; both as shapes/backend.lua makes them, `old` not used any more afterwards.
function M.take_over(backend, old)
  rotation.resume(backend.rotation, old.rotation, index_of(backend.ids, old.ids[(rotation.last(old.rotation))]))
  if old.group then
    peers.enrol(old.group, backend)
    ejection.review(old.group)
  end
end

return M
