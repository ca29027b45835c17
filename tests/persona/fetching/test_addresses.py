"""Which addresses are public, against the registries of special-purpose addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.persona.fetching.addresses import is_public

PUBLIC = ["8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0"]
PUBLIC_V6 = ["2606:4700:4700::1111", "2a00:1450:4001::8a", "2001:4860:4860::8888", "2001:200::1", "2003::1"]

NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.8.8.8"),  # noqa: S104 - nothing is bound to it
    *("168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
]
NOT_PUBLIC_V6 = [
    *("::", "::1", "::8.8.8.8", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"),
    *("100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::"),
    *("2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fec0::1", "ff02::1"),
]
NO_ADDRESSES = ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "127.0.0.1:80", "[::1]", "8.8.8.8 ", "\uff18.8.8.8"]


@pytest.mark.parametrize("address", PUBLIC + PUBLIC_V6)
def test_an_address_that_anybody_may_send_to_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC + NOT_PUBLIC_V6)
def test_an_address_with_a_special_purpose_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@given(st.ip_addresses(v=4))
def test_no_private_or_reserved_ipv4_address_is_public(address: object) -> None:
    # The registry that the interpreter brings along, as far as it goes, is a second opinion.
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}"):
        assert not is_public(wrapped)
    if any(getattr(address, name) for name in ("is_private", "is_reserved", "is_multicast", "is_loopback", "is_link_local", "is_unspecified")):
        assert not is_public(str(address))


@given(st.ip_addresses(v=6))
def test_no_private_or_reserved_ipv6_address_is_public(address: object) -> None:
    if any(getattr(address, name) for name in ("is_private", "is_reserved", "is_multicast", "is_loopback", "is_link_local", "is_site_local")):
        assert not is_public(str(address))
