"""What ends a benchmark without a figure."""


class BenchmarkFailed(Exception):
    """The work was not done, or not as asked. Says what happened; whatever was measured before is not reported."""
