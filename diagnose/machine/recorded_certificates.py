"""Certificate stores of a recorded machine: `certificates/ROOT|CA|DISALLOWED/`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from diagnose.input_files import read_input
from diagnose.machine.recording_format import CERTIFICATES_FOLDER, CertificatePart, part_entries, part_folder, refuse
from diagnose.machine.values import Certificate, Reason, Store, Unseen, thumbprint

MAX_BYTES = 16 * 1024 * 1024
_SUFFIXES = (".cer", ".crt", ".der", ".pem")
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----")

Stores = Mapping[Store, tuple[Certificate, ...]]


def load_stores(folder: Path) -> dict[Store, tuple[Certificate, ...]]:
    """The stores that have a folder, each in the order of its file names. Raises InputError naming a bad file."""
    root = folder / CERTIFICATES_FOLDER
    stores: dict[Store, tuple[Certificate, ...]] = {}
    for path in part_entries(root) if part_folder(root) else ():
        name = path.name.upper()
        if name not in {*Store}:
            raise refuse(path, "recording-store", name=path.name, stores=", ".join(Store))
        part_folder(path)
        stores[Store(name)] = (*stores.get(Store(name), ()), *_store(path))
    return stores


def as_exported(stores: Stores) -> Stores:
    """The stores of a folder made by hand.

    Windows' Disallowed store is normally empty, and exports of a computer's stores then have no folder for it.
    """
    return {Store.DISALLOWED: (), **stores} if Store.ROOT in stores else stores


def as_listed(stores: Stores, listed: Mapping[Store, tuple[CertificatePart, ...]]) -> Stores:
    """The stores as the recorder saw them, in their order and with the places that the computer gave.

    Files that were taken away since are gone, files that were added come last.
    """
    found = dict(stores)
    for store, parts in listed.items():
        by_thumbprint = {certificate.sha1: certificate for certificate in stores.get(store, ())}
        known = [replace(by_thumbprint[part.sha1], where=part.where) for part in parts if part.sha1 in by_thumbprint]
        added = by_thumbprint.keys() - {part.sha1 for part in parts}
        found[store] = (*known, *(by_thumbprint[sha1] for sha1 in sorted(added)))
    return found


def answer(stores: Stores, store: Store) -> tuple[Certificate, ...] | Unseen:
    """See `Machine.certificates`."""
    return stores.get(store, Unseen(Reason.NOT_RECORDED, f"{CERTIFICATES_FOLDER}/{store}"))


def _store(folder: Path) -> tuple[Certificate, ...]:
    return tuple(
        Certificate(
            thumbprint(der),
            der,
            f"{CERTIFICATES_FOLDER}/{folder.name}/{path.name}",
        )
        for path in part_entries(folder)
        for der in _certificates_in(path)
    )


def _certificates_in(path: Path) -> tuple[bytes, ...]:
    if path.suffix.lower() not in _SUFFIXES:
        raise refuse(path, "recording-certificate-entry", suffixes=", ".join(_SUFFIXES))
    data = read_input(path, MAX_BYTES)
    found = (data,) if is_der(data) else tuple(_pem_blocks(data))
    if not found or not all(map(is_der, found)):
        raise refuse(path, "recording-no-certificate")
    return found


def _pem_blocks(data: bytes) -> Iterator[bytes]:
    for block in _PEM.findall(data):
        try:
            yield base64.b64decode(b"".join(block.split()), validate=True)
        except binascii.Error:
            yield b""


def is_der(data: bytes) -> bool:
    """Whether this is one DER sequence of the length that it says, as every real certificate is."""
    return data[:2] == b"\x30\x82" and len(data) == int.from_bytes(data[2:4], "big") + 4
