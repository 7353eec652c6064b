"""How IIS publishes a folder: the site on a port, its folder, the file types that it hands out, its default document.

Read from `applicationHost.config` and the folder's own `web.config`. IIS hands out only file types that it knows.
"""

from __future__ import annotations

import ntpath
import re
from collections.abc import Iterable, Iterator

from checks._xml_tree import Element, XmlError, parse_xml
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, FileContent, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """The port; the folder that should be published, with facts; the file types that clients ask for."""

    port: int
    folder: str = ""
    types: tuple[str, ...] = (".ver", ".nup")
    settings: str = r"C:\Windows\System32\inetsrv\config\applicationHost.config"


EVIDENCE = {
    "web_server_installed": BOOL,
    "site_found": BOOL,
    "site_name": STRING,
    "site_folder": STRING,
    "site_folder_exists": BOOL,
    "site_is_folder": BOOL,
    "site_starts": BOOL,
    "types_missing": list_of(STRING),
    "default_document": BOOL,
}
_VARIABLE = re.compile(r"%([A-Za-z]{1,20})%")
_VARIABLES = {
    "systemdrive": "C:",
    "systemroot": r"C:\Windows",
    "windir": r"C:\Windows",
    "programdata": r"C:\ProgramData",
}
_EVERY_TYPE = frozenset({"*", ".*"})


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`site_is_folder`: the site publishes `folder`. `default_document`: IIS looks for one; updates need none."""
    machine = context.machine
    root = _read(machine, parameters.settings)
    if isinstance(root, Unseen):
        return dict.fromkeys(EVIDENCE, root)
    if isinstance(root, Absent):
        nothing = Unseen(Reason.MISSING, root.where)
        installed: dict[str, Sighting] = {"web_server_installed": Saw(False, root.where)}
        return {**dict.fromkeys(EVIDENCE, nothing), **installed, "site_found": Saw(False, root.where)}
    where = parameters.settings
    site = next(
        (site for site in root.find("system.applicationHost", "sites", "site") if _on(site, parameters.port)), None
    )
    if site is None:
        found: dict[str, Sighting] = dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, where))
        return {**found, "web_server_installed": Saw(True, where), "site_found": Saw(False, where)}
    return {
        **dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, where)),
        "web_server_installed": Saw(True, where),
        "site_found": Saw(True, where),
        "site_name": Saw(site.get("name")[:100], where),
        "site_starts": Saw(site.get("serverAutoStart").lower() != "false", where),
        **_folder(context, parameters, root, site),
    }


def _folder(context: Context, parameters: Parameters, root: Element, site: Element) -> dict[str, Sighting]:
    where = parameters.settings
    path = next((_expanded(found) for found in _folders(site)), "")
    if not path:
        return {}
    found: dict[str, Sighting] = {"site_folder": Saw(path[:260], where)}
    info = context.machine.file_info(path)
    found["site_folder_exists"] = info if isinstance(info, Unseen) else Saw(not isinstance(info, Absent), path)
    wanted = context.fill(parameters.folder) if parameters.folder else Unseen(Reason.NO_SOURCE, "folder")
    found["site_is_folder"] = wanted if isinstance(wanted, Unseen) else Saw(_same(wanted, path), f"{where}; {wanted}")
    own = _read(context.machine, ntpath.join(path, "web.config"))
    if isinstance(own, Unseen):
        return {**found, "types_missing": own, "default_document": own}
    # The settings of the server, then those that it keeps for the site, then the folder's own.
    sources = [root, *_locations(root, site.get("name")), *((own,) if isinstance(own, Element) else ())]
    known = _types(sources)
    missing = () if known & _EVERY_TYPE else tuple(type_ for type_ in parameters.types if type_.lower() not in known)
    return {
        **found,
        "types_missing": Saw(missing, where),
        "default_document": Saw(_default_document(sources), where),
    }


def _read(machine: Machine, path: str) -> Element | Absent | Unseen:
    content = machine.read_file(path)
    if not isinstance(content, FileContent):
        return content
    if not content.whole:
        return Unseen(Reason.FAILED, path, f"{content.size} bytes")
    try:
        return parse_xml(content.data)
    except XmlError as error:
        return Unseen(Reason.MALFORMED, path, str(error))


def _on(site: Element, port: int) -> bool:
    """`bindingInformation` is `address:port:host`; the address may hold colons itself."""
    bindings = site.find("bindings", "binding")
    return any(binding.get("bindingInformation").rsplit(":", 2)[-2:-1] == [str(port)] for binding in bindings)


def _folders(site: Element) -> Iterator[str]:
    for application in site.find("application"):
        if application.get("path") == "/":
            for virtual in application.find("virtualDirectory"):
                if virtual.get("path") == "/":
                    yield virtual.get("physicalPath")


def _locations(root: Element, name: str) -> Iterator[Element]:
    for location in root.find("location"):
        if location.get("path").strip("/").lower() in ("", name.lower()):
            yield location


def _types(sources: Iterable[Element]) -> frozenset[str]:
    known: set[str] = set()
    for source in sources:
        for content in source.find("system.webServer", "staticContent"):
            for child in content.children:
                extension = child.get("fileExtension").lower()
                if child.name == "clear":
                    known.clear()
                elif child.name == "remove":
                    known.discard(extension)
                elif child.name == "mimeMap":
                    known.add(extension)
    return frozenset(known)


def _default_document(sources: Iterable[Element]) -> bool:
    enabled = True
    for source in sources:
        for setting in source.find("system.webServer", "defaultDocument"):
            if setting.get("enabled"):
                enabled = setting.get("enabled").lower() == "true"
    return enabled


def _expanded(path: str) -> str:
    return _VARIABLE.sub(lambda match: _VARIABLES.get(match[1].lower(), match[0]), path.strip())


def _same(one: str, other: str) -> bool:
    return ntpath.normcase(ntpath.normpath(one)) == ntpath.normcase(ntpath.normpath(other))


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
