"""The extension's pages in Chromium, inside LNbits' own front end, as an organiser and as buyers use them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from browser import Browser
from shop import Shop

HALF = {"code": "HALF", "discount_percent": 50, "max_uses": 2}
GUESTS = {"code": "GUESTS", "discount_percent": 100, "max_uses": 2}
USED_UP = {
    "de": "Dieser Code ist aufgebraucht, oder er wurde so oft verwendet, wie eine Person ihn verwenden darf, oder es "
    "ist zu wenig davon für diese Bestellung übrig.",
    "es": "Este código está agotado, o se ha usado tantas veces como puede usarlo una persona, o queda demasiado poco "
    "de él para este pedido.",
}
Opened = Callable[[str, str], Browser]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens a page in a new browser. In the end no script of a page may have failed."""
    browsers: list[Browser] = []
    with ExitStack() as stack:

        def open_page(url: str, languages: str = "en-GB,en") -> Browser:
            browsers.append(stack.enter_context(closing(Browser(languages))))
            browsers[-1].open(url)
            return browsers[-1]

        yield open_page
        assert [fault for browser in browsers for fault in browser.faults()] == []


@pytest.fixture
def shop(sqlite_shop: Shop) -> Iterator[Shop]:
    yield sqlite_shop
    assert sqlite_shop.servers[0].faults() == ""


def buy(page: Browser, email: str, code: str = "") -> None:
    page.type("Name", "Ann")
    page.type("E-mail", email)
    page.type("Promo code", code)
    page.click("Buy")


def codes_of(shop: Shop, event: str) -> list[dict[str, object]]:
    [found] = [each for each in shop.organiser("GET", "events").json() if each["id"] == event]
    return list(found["extra"]["promo_codes"])


def test_an_organiser_limits_a_code_and_sees_findings_and_uses(shop: Shop, opened: Opened) -> None:
    url = shop.servers[0].url
    event = shop.event(price=20, name="Pages")
    page = opened(f"{url}/")
    page.type("Username or Email *", "organiser")
    page.type("Password *", shop.wallets.password)
    page.click("Login")
    page.see("Share Wallet")
    page.open(f"{url}/events/")
    page.click("I understand")  # LNbits' warning at the first visit
    # The events of earlier tests are on the page, too.
    here = f'//*[@data-event="{event}"]'
    page.click("Promo codes", here)
    page.click("New code")
    page.type("Promo code", "GUESTLIST-2027-KXQWMZ")
    page.type("Discount (%)", "100")
    danger = "GUESTLIST-2027-KXQWMZ makes tickets free without any limit: whoever learns the code can take every seat"
    page.see(f"GUESTLIST-2027-KXQWMZ.discount_percent: {danger}")
    page.type("Uses in all", "2")
    page.gone(danger)
    page.click("For one use")
    page.see("GUESTLIST-2027-KXQWMZ.max_uses: expected 1 beside single_use, found 2")
    page.click("For one use")
    page.gone("expected 1 beside single_use")
    page.type("Uses per person", "1")
    # A field that is emptied is no limit.
    page.type("Uses per person", "")
    page.click("Save")
    page.see("Used: 0 of 2")
    [code] = codes_of(shop, event)
    assert (code["code"], code["discount_percent"]) == ("GUESTLIST-2027-KXQWMZ", 100)
    assert (code["max_uses"], code["max_uses_per_identity"], code["single_use"]) == (2, None, False)

    shop.buy(event, code="guestlist-2027-kxqwmz").raise_for_status()
    page.click("Show uses", here)
    page.see("Used: 1 of 2")
    page.click("Promo codes", here)
    page.type("Uses in all", "7")
    page.click("Save")
    page.see("Used: 1 of 7")


def test_a_buyer_sees_the_price_and_a_refusal_in_the_language_of_the_page(shop: Shop, opened: Opened) -> None:
    event = shop.event(price=20, codes=({**HALF, "max_uses": 1}, {"code": "TENTH", "discount_percent": 10}))
    shop.buy(event, code="half").raise_for_status()
    page = opened(f"{shop.servers[0].url}/events/{event}", "de-AT,de")
    page.see("Preis: 20 sat")
    page.type("Promo-Code", "tenth")
    page.see("Preis: 18 sat statt 20 sat")
    page.type("Promo-Code", "half")
    page.see(USED_UP["de"])
    page.type("Promo-Code", "nope")
    page.see("Dieser Code wird nicht angenommen.")
    # The page's language counts, and not the browser's.
    page.type("Promo-Code", "half")
    page.run("window.i18n.global.locale = 'es'")
    page.see(USED_UP["es"])
    page.type("Código promocional", "")
    page.see("Precio: 20 sat")


def test_a_free_ticket_has_no_invoice_and_a_paid_one_has(shop: Shop, opened: Opened) -> None:
    event = shop.event(price=20, codes=(HALF, GUESTS))
    page = opened(f"{shop.servers[0].url}/events/{event}")
    buy(page, "ann@example.org", "guests")
    page.see("Your ticket")
    [free] = shop.tickets(event)
    assert (free[2], free[6], bool(free[7])) == ("confirmed", 0, True)
    assert not shop.has_arrived(free[0])

    # The same page sells the next ticket, which is another order.
    buy(page, "bob@example.org", "half")
    invoice = page.wait_for("return document.querySelector('a[href^=\"lightning:\"]')?.href").removeprefix("lightning:")
    [sold] = [row for row in shop.tickets(event) if row[0] != free[0]]
    assert (sold[2], sold[6], bool(sold[7])) == ("held", 10, False)
    shop.pay({"payment_request": invoice})
    page.wait_for(f"return document.querySelector('a[href=\"/events/ticket/{sold[0]}\"]') !== null")
    shop.state({"payment_hash": sold[0]}, "paid")


def test_an_order_whose_answer_was_lost_is_sent_again_and_sold_once(shop: Shop, opened: Opened) -> None:
    event = shop.event(price=20, codes=(GUESTS,))
    page = opened(f"{shop.servers[0].url}/events/{event}")
    page.see("Price: 20 sat")
    page.run("""
        const request = LNbits.api.request
        window.orders = []
        LNbits.api.request = async function (...call) {
            const answer = await request.apply(this, call)
            const order = call[3]?.order_id
            if (order && window.orders.push(order) === 1) throw new Error('the answer is lost')
            return answer
        }
    """)
    buy(page, "ann@example.org", "guests")
    page.wait_for("return window.orders.length === 1")
    assert len(page.faults()) == 1  # LNbits writes the lost answer to the console.
    assert len(shop.tickets(event)) == 1
    page.click("Buy")
    page.see("Your ticket")
    first, second = page.run("return window.orders")
    assert first == second
    assert [row[1] for row in shop.tickets(event)] == [f"{event}.{first}"]
    # Another buyer's order is another one.
    buy(page, "bob@example.org", "guests")
    page.wait_for("return window.orders.length === 3")
    assert page.run("return window.orders")[2] != first
    assert shop.ledger.check(event)[f"code/event:{event}:GUESTS/uses"] == 2
