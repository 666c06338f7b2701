"""The processes beside a run: what becomes of their work when the run is given up."""

import time
from concurrent.futures import Future

import pytest

from flows.running.processes import furnished_pool


def given_up(begun: list[Future[None]]) -> None:
    """Begin two hundred pieces of work and give them up after the first."""
    with furnished_pool(1) as pool:
        begun += [pool.submit(time.sleep, 0.01) for _ in range(200)]
        begun[0].result()
        raise KeyboardInterrupt


def test_work_that_is_given_up_goes_no_further_than_what_is_under_way():
    begun: list[Future[None]] = []
    with pytest.raises(KeyboardInterrupt):
        given_up(begun)
    assert begun[-1].cancelled()


def test_work_that_is_not_given_up_is_done_to_its_end():
    with furnished_pool(1) as pool:
        begun = [pool.submit(pow, number, 2) for number in range(50)]
    assert [each.result() for each in begun] == [number**2 for number in range(50)]
