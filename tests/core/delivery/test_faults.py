"""Every message is answered, once and in order, by a server that is killed while its platforms fail."""

from __future__ import annotations

from .fault_run import fault_run


async def test_nothing_is_lost_doubled_or_out_of_order_when_the_server_is_killed() -> None:
    result = await fault_run(messages=180, kills=3, each=10, seed=1, pause=1.5)
    assert (result["kills"], result["exit_status"]) == (3, 0)
    assert result["calls_failed"] > 5
    assert result["delivered_twice"] > 5
    for name in ("slack", "telegram", "web"):
        told = result[name]
        assert told["messages"] == 60
        assert (name, told["lost"], told["doubled"], told["out_of_order"]) == (name, 0, 0, 0)
