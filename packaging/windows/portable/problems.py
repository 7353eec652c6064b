"""What ends a build."""

from __future__ import annotations


class BuildError(Exception):
    """The build cannot go on; the text is one line for the person who started it."""

    exit_code = 1


class SetupError(BuildError):
    """This computer lacks something that the build needs."""

    exit_code = 2
