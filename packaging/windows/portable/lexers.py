"""Pygments without most of its lexers: its list then names only those that are shipped.

Who asks Pygments for a lexer expects that it knows none of that name, and shows plain text. A lexer that the list
names but that is not there is an ImportError instead, in the middle of a crash report or of a page of help.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from portable.files import Files
from portable.problems import BuildError

LIST = "pygments/lexers/_mapping.py"


def listed_lexers(files: Mapping[str, bytes]) -> Files:
    """The same files, the list of lexers among them without those that are not. Raises BuildError for another list."""
    if LIST not in files:
        return dict(files)
    for node in ast.parse(files[LIST]).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="LEXERS")], value=ast.Dict() as value):
                lexers = {
                    name: about
                    for name, about in ast.literal_eval(value).items()
                    if f"{about[0].replace('.', '/')}.py" in files
                }
                return {**files, LIST: f"LEXERS = {lexers!r}\n".encode()}
    raise BuildError(f"{LIST} lists no lexers as it used to; see lexers.py")
