"""What must not take longer than it may, whatever a library waits for."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Product = TypeVar("Product")


def within(seconds: float, work: Callable[[], Product]) -> Product:
    """What the work gives. Raises what it raises, and TimeoutError where it takes longer: it is left then to a thread that
    ends with the process.

    >>> within(5.0, lambda: 1 + 1)
    2
    """
    product: Future[Product] = Future()

    def working() -> None:
        try:
            product.set_result(work())
        except Exception as error:  # noqa: BLE001 – raised by whoever waits
            product.set_exception(error)

    Thread(target=working, daemon=True).start()
    return product.result(timeout=seconds)
