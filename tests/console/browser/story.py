"""A customer worth looking at: the demo's, who also writes, calls, sends files, and is known in words. Told over the API alone."""

import zlib
from dataclasses import dataclass
from struct import pack
from typing import Any
from uuid import UUID

import httpx2

PHONE_AS_TYPED = "+46 70 123 45 67"
AGENT = UUID("7f3a2c1e-0000-4000-8000-00000000da01")  # the demo's
_SAYS = "Hello, this is Nora. My order number is R-20417 and I moved to 3 Mill Lane."
_CALLS = (
    "She rides to work every day, in any weather. She prefers a bicycle that needs little care. She likes to repair small things herself.",
    "She called about mudguards. She loves quiet roads along the water. She prefers an electric bicycle that needs little care.",
)
HOSTILE = '<script>alert("evidence")</script><img src=x onerror=alert(1)>\u202e{{ 7 * 7 }} ' + "x" * 10_000


@dataclass(frozen=True, slots=True)
class Story:
    """The customer, the conversation that is linked to them, the message that a value stands in, and their person."""

    customer: str
    conversation: str
    message: str
    person: str


def tell_story(address: str, key: str, customer: str, *, is_hostile: bool = True) -> Story:
    """Tell the service at this address what the demo leaves out of its first customer; some of it is meant to do harm, unless told otherwise."""
    with httpx2.Client(trust_env=False, base_url=f"{address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        _done(client.post(f"/customers/{customer}/channel-identities", json={"channel": "whatsapp", "identifier": PHONE_AS_TYPED}))
        _done(client.put("/settings", json={"customer_badge": True}))
        conversation = _done(client.post("/conversations", json={"channel": "whatsapp", "customer_identifier": PHONE_AS_TYPED}))["id"]
        message = _done(client.post(f"/conversations/{conversation}/messages", json={"direction": "inbound", "text": _SAYS}))["id"]
        if is_hostile:
            _done(client.post(f"/conversations/{conversation}/messages", json={"direction": "inbound", "text": HOSTILE}))
            _done(client.put(f"/customers/{customer}/profile/fields/note", json={"value": HOSTILE, "source": "human_entered"}))
        _done(client.put(f"/conversations/{conversation}/customer", json={"customer_id": customer, "reason": "She gave her order number"}))
        _profile(client, customer, conversation, message)
        _assets(client, customer)
        return Story(customer, conversation, message, _person(client, customer))


def _profile(client: httpx2.Client, customer: str, conversation: str, message: str) -> None:
    _done(client.put(f"/agents/{AGENT}/field-definitions/tax_number", json={"value_type": "string", "is_pii": True}))
    said = {"source_item_type": "session", "source_item_id": conversation}
    for name, value, quote in (("order_number", "R-20417", "My order number is R-20417"), ("tax_number", "SE-5501", "no words of hers")):
        body = {"value": value, "source": "user_provided", "source_metadata": {"message_id": message, "quote": quote}} | said
        _done(client.put(f"/customers/{customer}/profile/fields/{name}", json=body))
    _done(client.post(f"/customers/{customer}/consents", json={"consent_type": "newsletter", "granted": True}))


def _assets(client: httpx2.Client, customer: str) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    files: tuple[tuple[str, str, bytes, str], ...] = (
        ("bicycle.png", "image", picture(), "image/png"),
        ("receipt.pdf", "pdf", document(), "application/pdf"),
        ("notes.txt", "document", b"The frame is scratched <b>below</b> the saddle.", "text/plain"),
        ("drawing.svg", "image", drawing, "image/svg+xml"),
    )
    for name, kind, content, media_type in files:
        answer = client.post(
            f"/customers/{customer}/profile/assets", files={"file": (name, content, media_type)}, data={"name": name, "asset_type": kind}
        )
        if media_type != "image/svg+xml":  # which the service may well refuse
            _done(answer)


def _person(client: httpx2.Client, customer: str) -> str:
    made = _done(client.post("/person", json={"first_name": "Nora", "last_name": "Lindqvist"}))
    person = str(made.get("id") or made["person_id"])
    _done(client.put(f"/person/{person}/customer", json={"customer_id": customer}))
    for text in _CALLS:
        _done(client.post(f"/person/{person}/data-and-regenerate", json={"raw_text": text, "source": "call"}))
    return person


def picture() -> bytes:
    """A PNG of 48 by 32 pixels in two colours."""
    rows = b"".join(b"\x00" + (b"\x20\x60\xa0" * 24 + b"\xf0\xd0\x60" * 24) for _ in range(32))
    chunks = ((b"IHDR", pack(">IIBBBBB", 48, 32, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)


def document() -> bytes:
    """A PDF of one empty page."""
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>")
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%bendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 4\n0000000000 65535 f \n%btrailer<</Root 1 0 R/Size 4>>\nstartxref\n%d\n%%%%EOF\n" % (table, len(body))


def _done(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return dict(answer.json())
