"""Decides which IP addresses are public: those that anybody's packets may be sent to, and that lead to nothing of the operator's own.

The table follows the special-purpose registries of IANA (RFC 6890 and what updates it). Python's own `is_global` is not asked: what it says has
changed between minor versions, and it calls addresses global in which another, private one can be wrapped.
"""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network (RFC 791); Linux takes 0.0.0.0 for itself
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # shared by carriers (RFC 6598); a cloud keeps its metadata here
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's own services, reachable from inside its machines only
        "169.254.0.0/16",  # link-local (RFC 3927); most clouds keep their metadata here
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)

# Everything that is routed is in here. Loopback, private (fc00::/7), link-local, multicast, IPv4-mapped and NAT64 addresses are not.
_UNICAST_V6 = ip_network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # IETF protocol assignments: Teredo, which wraps IPv4 addresses, benchmarks, ORCHID
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4, which wraps IPv4 addresses (RFC 3056)
        "3fff::/20",  # documentation (RFC 9637)
    )
)


def is_public(text: str) -> bool:
    """Whether the text is a public IPv4 or IPv6 address. An IPv6 address that stands for an IPv4 address is never one, nor is one with a zone."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if address.version == 4:
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address.scope_id is None and address in _UNICAST_V6 and not any(address in network for network in _NOT_PUBLIC_V6)
