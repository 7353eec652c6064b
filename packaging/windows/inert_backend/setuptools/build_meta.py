"""A build backend that builds nothing.

`pip download` asks a source archive for its metadata, which would run the archive's own setup.py. With this folder
first on PYTHONPATH pip asks here instead: the archive is fetched, its hash is checked, and nothing in it is executed.
"""

from __future__ import annotations

from pathlib import Path


class _Backend:
    def prepare_metadata_for_build_wheel(self, metadata_directory: str, config_settings: object = None) -> str:
        """Write the least that pip accepts, from the name that pip gave to the fetched archive's PKG-INFO."""
        del config_settings
        lines = Path("PKG-INFO").read_text(encoding="utf-8").splitlines()
        fields = dict(line.split(": ", 1) for line in reversed(lines) if line.startswith(("Name: ", "Version: ")))
        folder = Path(metadata_directory) / f"{fields['Name'].replace('-', '_')}-{fields['Version']}.dist-info"
        folder.mkdir()
        text = f"Metadata-Version: 2.1\nName: {fields['Name']}\nVersion: {fields['Version']}\n"
        (folder / "METADATA").write_text(text, encoding="utf-8")
        return folder.name


# Archives without a pyproject.toml are asked through this name.
__legacy__ = _Backend()
