"""What programs said on a recorded machine: commands.yaml."""

from __future__ import annotations

import base64
import binascii
import ntpath
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from diagnose.errors import InputError
from diagnose.machine.recording_format import COMMANDS_FILE, CommandPart, load_part, question
from diagnose.machine.values import Absent, CommandResult, Platform, Reason, Unseen
from diagnose.messages import message
from diagnose.yaml_file import Document

Argv = tuple[str, ...]


def fold_command(argv: Sequence[str], platform: Platform) -> Argv:
    """What two spellings of a command have in common; on Windows the program's folder, case and `.exe` do not count."""
    if platform is not Platform.WINDOWS or not argv:
        return tuple(argv)
    return (ntpath.basename(argv[0]).lower().removesuffix(".exe"), *argv[1:])


def command_question(folded: Argv) -> str:
    """How the question is called in `recording.unseen`."""
    return question("run", shlex.join(folded))


class RecordedCommands:
    """Answers to `Machine.run`; of two entries for one command the first counts."""

    def __init__(self, answers: Mapping[Argv, CommandResult | None], platform: Platform, unseen: Mapping[str, Unseen]):
        self._answers = answers
        self._platform = platform
        self._unseen = unseen

    def run(self, argv: Sequence[str]) -> CommandResult | Absent | Unseen:
        """See `Machine.run`."""
        folded = fold_command(argv, self._platform)
        if folded not in self._answers:
            not_recorded = Unseen(Reason.NOT_RECORDED, shlex.join(argv))
            return self._unseen.get(command_question(folded), not_recorded)
        found = self._answers[folded]
        if found is None:
            return Absent(argv[0])
        return CommandResult(tuple(argv), found.exit_code, found.stdout, found.stderr)


def load_commands(folder: Path, platform: Platform, unseen: Mapping[str, Unseen]) -> RecordedCommands:
    """commands.yaml of a recording, if there is one. Raises InputError."""
    loaded = load_part(folder / COMMANDS_FILE, tuple[CommandPart, ...])
    answers: dict[Argv, CommandResult | None] = {}
    if loaded is not None:
        document, parts = loaded
        for index, part in enumerate(parts):
            if not part.argv:
                raise InputError(message("recording-empty-command"), document.place((index, "argv")))
            answers.setdefault(fold_command(part.argv, platform), _result(document, index, part))
    return RecordedCommands(answers, platform, unseen)


def _result(document: Document, index: int, part: CommandPart) -> CommandResult | None:
    """None for a program that is not there."""
    if part.missing:
        return None
    stdout = recorded_bytes(document, (index, "stdout_base64"), part.stdout, part.stdout_base64)
    stderr = recorded_bytes(document, (index, "stderr_base64"), part.stderr, part.stderr_base64)
    return CommandResult(part.argv, part.exit, stdout, stderr)


def recorded_bytes(document: Document, path: tuple[str | int, ...], text: str, encoded: str | None) -> bytes:
    """The bytes behind a text and its `..._base64` at `path`. Raises InputError."""
    if encoded is None:
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InputError(message("recording-base64"), document.place(path)) from None
