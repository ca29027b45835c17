"""The whole story in one go: from a key to the words in which a value stands, and to what changed between two personas."""

from playwright.async_api import BrowserContext, expect

from tests.commands.processes import Service
from tests.console.browser.conftest import sign_in
from tests.console.browser.story import PHONE_AS_TYPED, Story


async def test_a_customer_is_found_and_every_question_answered(window: BrowserContext, served: Service, story: Story) -> None:
    page = await sign_in(window, served.key)

    # Who is this? A phone number, typed with spaces.
    await page.get_by_role("link", name="Customers", exact=True).click()
    await page.get_by_label("Identifier or name").fill(PHONE_AS_TYPED)
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="nora.lindqvist@example.com").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("nora.lindqvist@example.com")
    assert page.url.endswith(story.customer)

    # What happened? The ledger, outcomes alone.
    await page.get_by_label("Event").select_option("TASK_OUTCOME")
    await page.get_by_role("button", name="Apply").click()
    history = page.locator("#history")
    await expect(history).to_contain_text("PAID")
    assert "EVIDENCE_ATTACHED" in (await page.content())
    await page.get_by_role("link", name="Clear").click()

    # The evidence behind it.
    await page.locator("#history a[href*='/evidence/']").first.click()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.go_back()

    # What do we know, and how? A field, back to the words it stands in.
    await page.get_by_role("link", name="Where from order number").click()
    await page.locator("svg.chain a").first.click()
    await expect(page.locator(f"#message-{story.message}")).to_contain_text("My order number is R-20417")

    # Who are they, in words? Two versions, word by word.
    await page.goto(f"/console/customers/{story.customer}/persona/compare?a=1&b=2")
    await expect(page.locator("ins").first).to_be_visible()


async def test_a_masked_value_is_shown_on_demand(window: BrowserContext, served: Service, story: Story) -> None:
    page = await sign_in(window, served.key)
    await page.goto(f"/console/customers/{story.customer}")
    assert "SE-5501" not in await page.content()
    await page.get_by_role("link", name="Show tax number").click()
    await expect(page.get_by_text("SE-5501")).to_be_visible()
    await page.get_by_role("link", name="Audit", exact=True).click()
    await expect(page.get_by_text("profile.values_shown").first).to_be_visible()


async def test_signing_out_closes_the_console(window: BrowserContext, served: Service) -> None:
    page = await sign_in(window, served.key)
    await page.get_by_role("button", name="Sign out").click()
    await page.goto("/console/customers")
    await expect(page.get_by_label("Your key")).to_be_visible()
