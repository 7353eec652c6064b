from __future__ import annotations

import base64
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose.bundle.age_format import CHUNK, content_room
from diagnose.bundle.age_keys import KeyTextError, public_key, public_text, secret_key, secret_text
from diagnose.bundle.encryption import decrypt_file, encrypt_file
from diagnose.bundle.verify import verify
from diagnose.errors import InputError
from tests.unit.bundle_samples import write

WORK = 4
SECRET = "AGE-SECRET-KEY-1NCDWEHF7L29XV0R3S8M5LQ6LCT2GLS36UHQW45SY6HFYD0AXVV8S6TYH84"
PUBLIC = "age1fg4kc4ulg8uj3wzz5dawqhjqfjjxxkzsgeq2mda80lmtx8lmw5lspyrkm9"
OTHER = "age1lccfra3hw99w2ll2mx80xtxt94atqeyugl5v4esycv5xqme3vppqecs00p"
BY_ANOTHER_PROGRAM = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBhSGd0SmJOV1B3dHA1T2Jkbis5ck1TNzRvT2tCb0F2OUhFaDRWeWI1NG1r"
    "CmJxVHBHY1VaVHVxVjJQREFOY3daTWZIdVd1aUI1NSt1VnVuenREZmkyTWMKLT4gWDI1NTE5IGFwK01tdHJjbS92Lzd5dG16U01n"
    "MVJtNkZQVGFLOFhNajJNSUNKdUtQdzgKZ1VhdmdWVjlZUzdITjVKWlVSdml5SzVvSlpRZVhyaFFvTmg1eTFPR1gwUQotPiBqPmxs"
    "KEJeLWdyZWFzZQpQRGs4bUhjYUV4Q0RWN0dmcnFTTnhRcFJxcjAKLS0tIExwS3FpMHUvVSttZ2x6V3lKQi96TUc0TCtOWTRzQXJS"
    "UE0zdm5HY1J0REEKWcWl7lF4OiBN1lfzGlmVmpyweUCrhtag6udh35DKpaZYVVvUkDw9DjPGZNE6CQ=="
)
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5)


def identity(folder: Path, *keys: str) -> Path:
    path = folder / "key.txt"
    path.write_text("# created: 2026-11-21\n" + "\n".join(keys) + "\n", encoding="utf-8")
    return path


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(InputError) as told:
        action()
    return told.value.problems[0].message.id


@pytest.mark.parametrize("size", SIZES)
def test_what_is_encrypted_is_decrypted_again(tmp_path: Path, size: int) -> None:
    source, target, back = tmp_path / "a", tmp_path / "a.age", tmp_path / "b"
    source.write_bytes(os.urandom(size))
    encrypt_file(source, target, recipients=(OTHER, PUBLIC))
    decrypt_file(target, back, identity=identity(tmp_path, SECRET))
    assert back.read_bytes() == source.read_bytes()
    encrypt_file(source, target, passphrase="合言葉", work=WORK)
    decrypt_file(target, back, passphrase="合言葉")
    assert back.read_bytes() == source.read_bytes()
    assert "合言葉".encode() not in target.read_bytes()


@pytest.mark.parametrize("size", [4096 + 17, CHUNK, CHUNK + 4096, CHUNK + 4096 + 16, 1_000_000])
def test_content_that_has_room_is_not_too_large_once_encrypted(tmp_path: Path, size: int) -> None:
    source, target = tmp_path / "a", tmp_path / "a.age"
    source.write_bytes(bytes(content_room(size)))
    encrypt_file(source, target, recipients=(PUBLIC,) * 40)
    assert size - 4096 <= target.stat().st_size <= size
    encrypt_file(source, target, passphrase="合言葉", work=WORK)
    assert size - 4096 <= target.stat().st_size <= size


def test_a_limit_that_not_even_the_header_keeps_leaves_no_room() -> None:
    assert content_room(4096) == content_room(1) == content_room(0) == 0


def test_what_another_program_has_encrypted_is_decrypted(tmp_path: Path) -> None:
    source, back = tmp_path / "a.age", tmp_path / "b"
    source.write_bytes(base64.b64decode(BY_ANOTHER_PROGRAM))
    decrypt_file(source, back, identity=identity(tmp_path, SECRET))
    assert back.read_bytes() == b"made elsewhere"


@pytest.mark.parametrize("size", SIZES)
def test_the_usual_library_reads_it(tmp_path: Path, size: int) -> None:
    pyrage: Any = pytest.importorskip("pyrage")
    passphrase: Any = importlib.import_module("pyrage").passphrase
    source, target = tmp_path / "a", tmp_path / "a.age"
    source.write_bytes(os.urandom(size))
    encrypt_file(source, target, recipients=[PUBLIC])
    assert pyrage.decrypt(target.read_bytes(), [pyrage.x25519.Identity.from_str(SECRET)]) == source.read_bytes()
    encrypt_file(source, target, passphrase="p", work=WORK)
    assert passphrase.decrypt(target.read_bytes(), "p") == source.read_bytes()


def test_a_bundle_travels_encrypted(tmp_path: Path) -> None:
    write(tmp_path / "a.zip")
    encrypt_file(tmp_path / "a.zip", tmp_path / "a.zip.age", recipients=[PUBLIC])
    assert [problem.fault.value for problem in verify(tmp_path / "a.zip.age").problems] == ["age-file"]
    decrypt_file(tmp_path / "a.zip.age", tmp_path / "b.zip", identity=identity(tmp_path, SECRET))
    assert verify(tmp_path / "b.zip").ok


def test_any_change_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    source, target, back = tmp_path / "a", tmp_path / "a.age", tmp_path / "b"
    source.write_bytes(b"content" * 10)
    encrypt_file(source, target, recipients=[PUBLIC])
    key = identity(tmp_path, SECRET)
    whole = target.read_bytes()
    damaged = [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in range(len(whole))]
    for data in (*damaged, *(whole[:length] for length in range(len(whole))), whole + b"x"):
        target.write_bytes(data)
        assert refused(lambda: decrypt_file(target, back, identity=key)) in {
            "age-damaged",
            "age-not-age",
            "age-wrong-key",
        }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "a.age", "key.txt"]


def test_a_cut_between_chunks_and_chunks_in_another_order_are_refused(tmp_path: Path) -> None:
    source, target, back = tmp_path / "a", tmp_path / "a.age", tmp_path / "b"
    source.write_bytes(bytes(3 * CHUNK))
    encrypt_file(source, target, recipients=[PUBLIC])
    whole = target.read_bytes()
    block = CHUNK + 16
    start = len(whole) - 3 * block
    swapped = whole[:start] + whole[start + block : start + 2 * block] + whole[start : start + block] + whole[-block:]
    for data in (whole[:-block], swapped, whole[: start + block] + whole[-block:]):
        target.write_bytes(data)
        assert refused(lambda: decrypt_file(target, back, identity=identity(tmp_path, SECRET))) == "age-damaged"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=200) | st.binary(max_size=100).map(lambda rest: b"age-encryption.org/v1\n-> " + rest))
def test_any_bytes_are_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.age"
    path.write_bytes(data)
    assert refused(lambda: decrypt_file(path, tmp_path / "y", passphrase="p")).startswith("age-")


def test_wrong_keys_and_hostile_work(tmp_path: Path) -> None:
    source, target, back = tmp_path / "a", tmp_path / "a.age", tmp_path / "b"
    source.write_bytes(b"1")
    encrypt_file(source, target, recipients=[OTHER])
    assert refused(lambda: decrypt_file(target, back, identity=identity(tmp_path, SECRET))) == "age-wrong-key"
    assert refused(lambda: decrypt_file(target, back, passphrase="p")) == "age-wrong-key"
    encrypt_file(source, target, passphrase="p", work=WORK)
    assert refused(lambda: decrypt_file(target, back, passphrase="q")) == "age-wrong-key"
    target.write_bytes(target.read_bytes().replace(b" 4\n", b" 63\n", 1))
    assert refused(lambda: decrypt_file(target, back, passphrase="p")) == "age-too-much-work"
    assert not back.exists()


def test_what_is_asked_for_must_make_sense(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "a.age"
    source.write_bytes(b"1")
    assert refused(lambda: encrypt_file(source, target)) == "age-no-recipient"
    assert refused(lambda: encrypt_file(source, target, recipients=[PUBLIC], passphrase="p")) == "age-no-recipient"
    assert refused(lambda: encrypt_file(source, target, passphrase="")) == "age-passphrase-empty"
    assert refused(lambda: encrypt_file(tmp_path / "none", target, passphrase="p", work=WORK)) == "file-not-found"
    assert refused(lambda: encrypt_file(source, tmp_path, passphrase="p", work=WORK)) == "bundle-target-folder"
    assert refused(lambda: decrypt_file(source, target)) == "age-no-recipient"
    for text in ("", "hello", PUBLIC, SECRET[:-1], SECRET + "\nrubbish"):
        assert refused(lambda text=text: decrypt_file(source, target, identity=identity(tmp_path, text))) == (  # type: ignore[misc]
            "age-no-identity"
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "key.txt"]


@pytest.mark.parametrize(
    "text", ["", "age1", PUBLIC[:-1], PUBLIC[:-1] + "b", PUBLIC[:20] + PUBLIC[20:].upper(), SECRET]
)
def test_a_recipient_that_is_no_public_key_is_refused_without_repeating_a_secret(tmp_path: Path, text: str) -> None:
    source = tmp_path / "a"
    source.write_bytes(b"1")
    with pytest.raises(InputError) as told:
        encrypt_file(source, tmp_path / "b", recipients=[text])
    assert told.value.problems[0].message.id == "age-recipient"
    assert SECRET[10:] not in str(told.value.problems[0].message.values)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 57), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_keys_as_text(key: bytes, place: int, character: str) -> None:
    assert public_key(public_text(key)) == key
    assert secret_key(secret_text(key)) == key
    text = public_text(key)
    damaged = text[: 4 + place] + character + text[5 + place :]
    if damaged != text:
        with pytest.raises(KeyTextError):
            public_key(damaged)
