"""Claims about the names of devices."""

import pytest

from app.services.devices import device_name

_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_GOOGLE = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox on Windows",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_GOOGLE} Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {_GOOGLE} Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_GOOGLE} Mobile Safari/537.36", "Chrome on Android"),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Version/18.6 Safari/605.1",
            "Safari on macOS",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_APPLE} Version/18.6 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.14.1", "curl/8.14.1"),
        ("x" * 400, "x" * 60),
        ("", "Unknown device"),
    ],
)
def test_device_name(user_agent: str, name: str) -> None:
    """A browser is named as people know it, not as what it claims to be compatible with."""
    assert device_name(user_agent) == name
