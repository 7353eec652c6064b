"""`diagnose verify`: is a bundle whole, unchanged, and proven to hold none of the original names?"""

from __future__ import annotations

from pathlib import Path

from diagnose import output
from diagnose.bundle.sizes import size_text
from diagnose.bundle.verify import VerifyReport
from diagnose.bundle.verify import verify as verify_bundle
from diagnose.diagnostics import Exit, say_message
from diagnose.messages import message
from diagnose.report.formats import one_line, time_text
from diagnose.text import Language


def verify(bundle: Path, language: Language, *, name: Path) -> Exit:
    """FOUND when something is wrong with it; `name` is what it is called. Raises InputError: there is no such file."""
    report = verify_bundle(bundle)
    for problem in report.problems:
        say_message(problem.message, language)
    output.write("\n".join(one_line(line) for line in _lines(name, report, language)))
    return Exit.PASS if report.ok else Exit.FOUND


def _lines(name: Path, report: VerifyReport, language: Language) -> list[str]:
    manifest = report.manifest
    verdict = message("verify-ok" if report.ok else "verify-failed", path=name, count=len(report.problems))
    lines = [verdict.in_language(language)]
    if manifest is not None:
        made = message("verify-made", run=manifest.run_id, tool=manifest.tool_version, time=time_text(manifest.created))
        content = message("verify-content", count=report.members, size=size_text(report.size))
        lines += [made.in_language(language), content.in_language(language)]
        proof = manifest.redaction.proof
        if proof is not None:
            lines.append(message("verify-proof", values=proof.values, hits=proof.hits).in_language(language))
    return lines
