"""What Redis does in one step, in Lua. Each script compares versions, so no order of arrival can put an older value over a newer one.

A value or tombstone begins with two bytes of tag and then the version in digits of one width, which compare as text.
"""

from factbook.cache.model import VERSION_DIGITS

_VERSION_HELD = f"string.sub(redis.call('GETRANGE', KEYS[1], 0, {VERSION_DIGITS + 1}), 3)"

# The value, and the server's clock in seconds, by which a later put is held to its deadline.
LOOK_UP = "return {redis.call('GET', KEYS[1]), redis.call('TIME')[1]}"

# version, value, milliseconds to keep it, deadline in seconds of the server's clock. An equal version may replace a tombstone.
PUT = f"""
if tonumber(redis.call('TIME')[1]) > tonumber(ARGV[4]) then return 0 end
if {_VERSION_HELD} > ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""

# version, tombstone, seconds to keep it. A value that is as new may stay.
BURY = f"""
if {_VERSION_HELD} >= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
