"""Takes the pictures of the tour anew: a service as `make run` starts it, one told story, and Chromium."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.commands.processes import Installation, Service
from tests.console.browser.chromium import installed_browser
from tests.console.browser.conftest import sign_in
from tests.console.browser.story import PHONE_AS_TYPED, Story, tell_story

PICTURES = Path(__file__).parents[3] / "docs" / "tour"
# What each picture is called, the page it shows, and the part of it that is to be seen (all of what fits where none is named).
_STOPS = (
    ("start", "", None),
    ("found", "/customers?q={phone}", None),
    ("customer", "/customers/{customer}", None),
    ("profile", "/customers/{customer}", "#profile"),
    ("origin", "/profile-items/{item}", None),
    ("persona", "/customers/{customer}", "#persona"),
    ("compared", "/customers/{customer}/persona/compare?a=1&b=2", None),
    ("history", "/customers/{customer}", "#history"),
    ("vault", "/customers/{customer}", "#vault"),
    ("conversations", "/conversations", None),
    ("scenarios", "/scenarios", None),
    ("audit", "/audit", None),
    ("operations", "/operations", None),
)
_HIGHEST = 1100  # pixels of a part


async def take_pictures(service: Service, story: Story) -> None:
    """Write a PNG for each stop."""
    fields = service.get(f"/v1/customers/{story.customer}/profile", service.key).json()["fields"]
    names = {"customer": story.customer, "phone": PHONE_AS_TYPED.replace("+", "%2B").replace(" ", "%20"), "item": fields["order_number"]["id"]}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed_browser(), args=["--no-sandbox"])
        context = await browser.new_context(base_url=service.address, viewport={"width": 1100, "height": 800}, color_scheme="light")
        page = await sign_in(context, service.key)
        for name, address, part in _STOPS:
            await page.goto(f"/console{address}".format(**names))
            await _picture(page, name, part)
        await browser.close()


async def _picture(page: Page, name: str, part: str | None) -> None:
    path = PICTURES / f"{name}.png"
    if part is None:
        await page.screenshot(path=path)
        return
    await page.locator(part).scroll_into_view_if_needed()  # what is loaded when it comes into view
    await page.wait_for_load_state("networkidle")
    box = await page.evaluate(
        f"(({{x, y, width, height}}) => ({{x, y: y + scrollY, width, height}}))(document.querySelector('{part}').getBoundingClientRect())"
    )
    clip = {"x": 0, "y": box["y"], "width": 1100, "height": min(box["height"], _HIGHEST)}
    await page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]  # a FloatRect by shape


def main() -> None:
    """Start a service on a folder of its own, tell it the story, look, and leave nothing running."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder))
        try:
            service = installation.serve("--demo").ready()
            asyncio.run(take_pictures(service, tell_story(service.address, service.key, service.customer, is_hostile=False)))
        finally:
            installation.close()
    sys.stderr.write(f"{len(_STOPS)} pictures are in {PICTURES}\n")


if __name__ == "__main__":
    main()
