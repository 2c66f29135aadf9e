-- wrk: visitors who come back, each with a session of their own. Arguments: the Host header, then cookies.
local host, cookies, turn = nil, {}, 0

function init(arguments)
  host = arguments[1]
  for index = 2, #arguments do cookies[index - 1] = arguments[index] end
end

function request()
  local headers = { Host = host }
  if #cookies > 0 then
    turn = turn % #cookies + 1
    headers["Cookie"] = cookies[turn]
  end
  return wrk.format(nil, nil, headers)
end
