"""What the error numbers of Windows mean for one who only looks."""

from __future__ import annotations

import errno

from diagnose.machine.values import Absent, Reason, Unseen

NOT_FOUND = frozenset({2, 3, 267})  # no such file; no such folder; a file stands where a folder should
# Access denied; a share or lock violation, which is how an agent guards its files; a program that a virus scanner, a
# policy or a missing elevation stopped; a privilege not held.
_DENIED = frozenset({5, 19, 32, 33, 225, 740, 1260, 1314, 1920, 4551})
_MALFORMED = frozenset({87, 123, 161, 206, 1113})
_TIMED_OUT = frozenset({121, 258, 1460})
_UNSUPPORTED = frozenset({50, 120})
_BY_ERRNO = {
    errno.ENOENT: 2,
    errno.ENOTDIR: 3,
    # The C runtime reports a locked file by this number alone.
    errno.EACCES: 5,
    errno.EINVAL: 87,
}


def code_of(error: OSError) -> int:
    """The number of Windows, also for an error that came through the C runtime without one; 0 when unknown."""
    number: int | None = getattr(error, "winerror", None)
    return _BY_ERRNO.get(error.errno or 0, 0) if number is None else number


def reason_of(code: int) -> Reason:
    """Why an error with this number keeps us from seeing."""
    for reason, codes in (
        (Reason.DENIED, _DENIED),
        (Reason.MALFORMED, _MALFORMED),
        (Reason.TIMED_OUT, _TIMED_OUT),
        (Reason.UNSUPPORTED, _UNSUPPORTED),
    ):
        if code in codes:
            return reason
    return Reason.FAILED


def not_readable(where: str, error: OSError) -> Absent | Unseen:
    """What an error at `where` (a path, a key) means; its words are kept."""
    code = code_of(error)
    return Absent(where) if code in NOT_FOUND else Unseen(reason_of(code), where, words(error))


def words(error: OSError) -> str:
    """The system's own words with its number, in one line of at most 200 characters."""
    text = " ".join((error.strerror or str(error)).split())[:200]
    return f"{text} ({code_of(error)})" if code_of(error) else text
