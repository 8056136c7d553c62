-- Visitors at a steady pace, for wrk: its own summary tells failures in several places, so that
-- the last line here says it once.

local PAUSE_MS = 40
local paths = { "/", "/lettings/", "/profiles/", "/healthz" }
local turn = 0

function delay()
  return PAUSE_MS
end

function request()
  turn = turn % #paths + 1
  return wrk.format("GET", paths[turn], { ["Connection"] = "close" })
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format("requests=%d failed=%d\n", summary.requests, failed))
end
