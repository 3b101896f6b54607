"""Chromium, driven through WebDriver: a page is used as people use it, by its labels."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from server import ROOT

ARGUMENTS = json.loads((ROOT / "webdriver.json").read_text())["goog:chromeOptions"]["args"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that WebDriver's specification gives to an element's id
WAIT = 30


class Browser:
    """One window. `languages` are those that the user has set in his browser."""

    def __init__(self, languages: str) -> None:
        driver = shutil.which("chromedriver")
        if not driver:
            pytest.fail("chromedriver is not on the PATH: run scripts/setup browsers")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._driver = subprocess.Popen(
            [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=2 * WAIT)
        options = {"args": [*ARGUMENTS, "--window-size=1280,900"], "prefs": {"intl.accept_languages": languages}}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        try:
            self._until(lambda: self._answers("/status"), "chromedriver")
            session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        except BaseException:
            self._stop()
            raise
        self._session = f"/session/{session['sessionId']}"

    def close(self) -> None:
        self._call("DELETE", self._session)
        self._stop()

    def _stop(self) -> None:
        self._driver.terminate()
        self._driver.wait()
        self._client.close()

    def open(self, url: str) -> None:
        self._call("POST", f"{self._session}/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """Runs the body of a function on the page."""
        return self._call("POST", f"{self._session}/execute/sync", {"script": script, "args": list(arguments)})

    def type(self, label: str, text: str) -> None:
        """Replaces what is in the field with this label."""
        everything = "\ue009a\ue000"  # Ctrl and A
        self._act(f'//input[@aria-label="{label}"]', "value", {"text": everything + (text or "\ue017")})

    def click(self, text: str, inside: str = "") -> None:
        """Clicks on the button or checkbox with this text or label; `inside` is an XPath of what it is in."""
        what = f'(self::button or @role="checkbox") and (normalize-space()="{text}" or @aria-label="{text}")'
        self._act(f"{inside}//*[{what}]", "click", {})

    def see(self, text: str) -> None:
        self._until(lambda: text in self.text(), f"“{text}”", self.text)

    def gone(self, text: str) -> None:
        self._until(lambda: text not in self.text(), f"the end of “{text}”", self.text)

    def wait_for(self, script: str) -> Any:
        """Waits until the script's answer is true, and returns it."""
        self._until(lambda: bool(self.run(script)), script, self.text)
        return self.run(script)

    def text(self) -> str:
        return " ".join(str(self.run("return document.body.innerText")).split())

    def faults(self) -> list[str]:
        """The mistakes of the page's own scripts since the last call. An answer of 409 is none."""
        log = self._call("POST", f"{self._session}/se/log", {"type": "browser"})
        return [line["message"] for line in log if line["level"] == "SEVERE" and line["source"] != "network"]

    def _act(self, place: str, what: str, body: dict[str, Any]) -> None:
        """Does it to the element as soon as it is there and nothing covers it."""

        def act() -> bool:
            found = self._call("POST", f"{self._session}/elements", {"using": "xpath", "value": place})
            for element in found:
                done = self._client.post(f"{self._session}/element/{element[ELEMENT]}/{what}", json=body)
                if done.status_code == 200:
                    return True
            return False

        self._until(act, place, self.text)

    def _until(self, is_so: Callable[[], bool], what: str, page: Callable[[], str] = str) -> None:
        deadline = time.monotonic() + WAIT
        while not is_so():
            assert time.monotonic() < deadline, f"waited in vain for {what}; the page says: {page()}"
            time.sleep(0.05)

    def _answers(self, path: str) -> bool:
        try:
            return self._client.get(path).status_code == 200
        except httpx.TransportError:
            return False

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._client.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]
