"""A headless Chromium for tests, spoken to in the W3C protocol; it can reach no network."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DRIVER = shutil.which("chromedriver")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "chromium and chromedriver are not installed"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
START_SECONDS = 20.0
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, "")}


class Browser:
    """One window. Scripts are bodies of functions and give back what they `return`."""

    def __init__(self, address: str, session: str) -> None:
        self.root = f"{address}/session/{session}"

    def open(self, page: Path) -> None:
        self._post("url", url=page.resolve().as_uri())

    def run(self, script: str) -> Any:
        return self._post("execute/sync", script=script, args=[])

    def resize(self, width: int, height: int) -> None:
        """The size of what the page sees, not of the window; mobile scrollbars and all."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._post("goog/cdp/execute", cmd="Emulation.setDeviceMetricsOverride", params=size)

    def press(self, key: str) -> None:
        """Press and release Tab, Enter or Escape as a hand does."""
        number, text = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            typed = {"text": text} if text and kind == "keyDown" else {}
            pressed = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": number, **typed}
            self._post("goog/cdp/execute", cmd="Input.dispatchKeyEvent", params=pressed)

    def log(self, kind: str) -> list[dict[str, Any]]:
        return list(self._post("se/log", type=kind))

    def requests(self) -> list[str]:
        """The address of everything asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def wait_for(self, condition: str, seconds: float = 5.0) -> None:
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            assert time.monotonic() < end, f"not within {seconds} s: {condition}"
            time.sleep(0.05)

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(_call(f"{self.root}/screenshot", None)))

    def close(self) -> None:
        _call(self.root, None, "DELETE")

    def _post(self, command: str, **arguments: Any) -> Any:
        return _call(f"{self.root}/{command}", arguments)


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A fresh browser with its profile in a folder of its own."""
    port = _free_port()
    driver = subprocess.Popen(
        [str(DRIVER), f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(address)
        window = Browser(address, _call(f"{address}/session", _capabilities(profile))["sessionId"])
        try:
            yield window
        finally:
            window.close()
    finally:
        driver.terminate()
        driver.wait()


def _capabilities(profile: Path) -> dict[str, Any]:
    options = {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={profile}"]}
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
    return {"capabilities": {"alwaysMatch": wanted}}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            if _call(f"{address}/status", None)["ready"]:
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("chromedriver does not answer")


def _call(url: str, content: dict[str, Any] | None, method: str | None = None) -> Any:
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)["value"]
