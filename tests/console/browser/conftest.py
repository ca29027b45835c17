"""A service of its own with the demo and one told story, and Chromium to look at it with."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.commands.processes import Installation, Service
from tests.console.browser.chromium import NoBrowser, find_browser
from tests.console.browser.story import Story, tell_story


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service as `make run` starts it."""
    installation = Installation(tmp_path_factory.mktemp("looked-at"))
    try:
        yield installation.serve("--demo").ready()
    finally:
        installation.close()


@pytest.fixture(scope="session")
def story(served: Service) -> Story:
    """What it is told beside the demo."""
    return tell_story(served.address, served.key, served.customer)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium. Without it these tests are skipped, but never where nobody would read that they were."""
    try:
        path = find_browser()
    except NoBrowser as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture
async def window(browser: Browser, served: Service) -> AsyncIterator[BrowserContext]:
    """A window of 1280 by 900 in which nobody is signed in."""
    context = await browser.new_context(base_url=served.address, viewport={"width": 1280, "height": 900})
    yield context
    await context.close()


async def sign_in(context: BrowserContext, key: str) -> Page:
    """A page in the window, after signing in."""
    page = await context.new_page()
    await page.goto("/console")
    await page.get_by_label("Your key").fill(key)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Sign out").wait_for()
    return page


@pytest.fixture
async def page(window: BrowserContext, served: Service) -> Page:
    """A page of somebody who signed in."""
    return await sign_in(window, served.key)


@pytest.fixture(scope="session")
async def visited(browser: Browser, served: Service) -> AsyncIterator[Page]:
    """A page of somebody who signed in, for tests that only look."""
    context = await browser.new_context(base_url=served.address, viewport={"width": 1280, "height": 900})
    yield await sign_in(context, served.key)
    await context.close()
