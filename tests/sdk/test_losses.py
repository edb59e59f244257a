"""What is lost is counted by task, and told in the trail of each."""

import msgspec

from tasktrail.model.ids import OWN_SESSION
from tasktrail.sdk import losses as module
from tasktrail.sdk.losses import Losses


def test_each_task_is_told_of_its_own_loss() -> None:
    """With how many, by whom and why; told once."""
    losses = Losses()
    losses.add(["a", "b", "a"])
    count = losses.count
    told = [msgspec.json.decode(one) for one in losses.events(0, "src", reason="vanished")]
    losses.clear()

    assert count == 3
    assert [(one["task_id"], one["data"]["lost"]) for one in told] == [("a", 2), ("b", 1)]
    assert "vanished" in told[0]["data"]["message"]
    assert (losses.count, losses.events(0, "src", reason="vanished")) == (0, [])


def test_too_many_tasks_are_told_as_one_sum() -> None:
    """No loss without a number, and no endless list of them."""
    losses = Losses()
    losses.add(f"t-{n}" for n in range(module.TASKS_WITH_LOSS + 7))
    told = [msgspec.json.decode(one) for one in losses.events(0, "src", reason="vanished")]

    assert len(told) == module.TASKS_WITH_LOSS + 1
    assert (told[-1]["session_id"], told[-1]["data"]["lost"]) == (OWN_SESSION, 7)
