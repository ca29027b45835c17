"""Every page in Chromium: readable for everybody, on a narrow screen, in the dark, without scripts of its own, and deaf to hostile content."""

import re
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.commands.processes import Service
from tests.console.browser.conftest import sign_in
from tests.console.browser.story import AGENT, Story

SCENARIO = "7f3a2c1e-0000-4000-8000-00000000da02"  # the demo's
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = (
    "",
    "/customers",
    "/customers?q=nora",
    "/customers/{customer}",
    "/customers/{customer}/fields/order_number",
    "/customers/{customer}/fields/tax_number?show=values",
    "/customers/{customer}/vault",
    "/customers/{customer}/files",
    "/customers/{customer}?event_type=EVIDENCE_ATTACHED",
    "/customers/{customer}/persona",
    "/customers/{customer}/persona/compare?a=1&b=2",
    "/customers/{customer}/digest",
    "/conversations",
    "/conversations/{conversation}",
    "/scenarios",
    f"/scenarios/{AGENT}/{SCENARIO}",
    "/audit",
    "/audit/verification",
    "/operations",
    "/customers/nobody",
)


def address(path: str, story: Story) -> str:
    return f"/console{path}".format(customer=story.customer, conversation=story.conversation)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_for_everybody_in_light_and_dark_and_on_a_narrow_screen(visited: Page, story: Story, path: str) -> None:
    await visited.goto(address(path, story))
    for scheme in SCHEMES:
        await visited.emulate_media(color_scheme=scheme)
        found = await Axe().run(visited)
        serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
        assert serious == [], (scheme, [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in serious])
    await visited.set_viewport_size({"width": 360, "height": 740})
    assert await visited.evaluate("document.documentElement.scrollWidth") <= 360
    await visited.set_viewport_size({"width": 1280, "height": 900})


async def test_pages_do_without_javascript_and_load_nothing_from_elsewhere(browser: Browser, served: Service, story: Story) -> None:
    context = await browser.new_context(base_url=served.address, java_script_enabled=False)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = await sign_in(context, served.key)
    for path in PAGES[:-1]:
        answer = await page.goto(address(path, story))
        assert answer is not None
        assert answer.status == 200, path
        assert await page.get_by_role("heading", level=1).count() == 1, path
    # What is asked of a network: the browser shows PDFs with files of its own.
    assert {url for url in asked if url.startswith("http") and not url.startswith(f"{served.address}/console")} == set()
    await context.close()


async def test_hostile_content_runs_nowhere(window: BrowserContext, served: Service, story: Story) -> None:
    page = await sign_in(window, served.key)
    alerts: list[str] = []
    refused: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" and "404" not in said.text else None)
    for path in PAGES:
        await page.goto(address(path, story))
        await page.wait_for_load_state("load")
    assert alerts == []
    assert refused == []  # nothing of a page of ours was stopped by its own policy either


async def test_a_page_is_walked_by_keyboard(page: Page, story: Story) -> None:
    await page.goto(address("/customers", story))
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the content"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "q"


async def test_a_digest_is_loaded_in_place_and_copied(window: BrowserContext, served: Service, story: Story) -> None:
    await window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await sign_in(window, served.key)
    await page.goto(address("/customers/{customer}", story))
    await page.get_by_role("link", name="Show the digest").click()
    digest = page.locator("#digest code")
    await expect(digest).to_have_text(re.compile("^[0-9a-f]{64}$"))
    await page.get_by_role("button", name="Copy the digest").click()
    await expect(page.get_by_text("Copied.")).to_be_attached()
    assert await page.evaluate("navigator.clipboard.readText()") == await digest.text_content()
    assert page.url.endswith(story.customer)
