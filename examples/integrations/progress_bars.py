"""Progress bars of tqdm and rich: what they show is in the trail too.

TASKTRAIL_DATA=/tmp/demo python examples/integrations/progress_bars.py
"""

import tasktrail
from tasktrail.sdk.integrations.rich_progress import Progress
from tasktrail.sdk.integrations.tqdm_progress import tqdm


def main() -> None:
    """Two bars, one of them without a known end."""
    with tasktrail.connect() as client, client.task("index-1", title="Index"):
        for _ in tqdm(range(200), desc="reading"):
            pass
        with tqdm(desc="guessing", disable=True) as bar:
            bar.update(3)
            bar.update(4)
        with Progress() as progress:
            writing = progress.add_task("writing", total=10)
            for _ in range(10):
                progress.advance(writing)


if __name__ == "__main__":
    main()
