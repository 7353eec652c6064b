"""Verdicts on signed programs: what is verified, what is missing, what is distrusted; and that no bytes break it."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from checks._authenticode import read_authenticode
from checks._certificate import (
    CODE_SIGNING,
    LIFETIME_SIGNING,
    TIME_STAMPING,
    try_certificate,
)
from checks._chains import Stores, stores_of
from checks._file_trust import Judged, Verdict, judge_file
from checks._signed_data import UnsupportedError
from diagnose.der import DerError
from diagnose.machine.signed_file import signature_of
from diagnose.machine.values import FileSignature, Reason, SignatureForm, Store, Unseen
from tests.unit.fake_machine import NOON, BytesReader, FakeMachine
from tests.unit.signed_programs import (
    DAY,
    SIGNED,
    How,
    Party,
    Stamp,
    attribute,
    good,
    integer,
    oid,
    party,
    program,
    rsa_key,
    sample,
    seq,
    signature,
    signed,
    tlv,
    with_table,
    world,
)

PATH = r"C:\a.exe"


def stores(
    roots: Iterable[Party] = (), between: Iterable[Party] | None = (), disallowed: Iterable[Party] = ()
) -> Stores:
    held: dict[Store, Any] = {
        Store.ROOT: [one.stored for one in roots],
        Store.DISALLOWED: [one.stored for one in disallowed],
    }
    if between is not None:
        held[Store.CA] = [one.stored for one in between]
    found = stores_of(FakeMachine(certificates=held))
    assert isinstance(found, Stores)
    return found


def ours(**more: Any) -> Stores:
    return stores(**{"roots": [world().root, world().time_root], **more})


def judge(data: bytes | How, held: Stores | Unseen | None = None, now: datetime = NOON) -> Judged:
    data = signed(data) if isinstance(data, How) else data
    found = signature_of(PATH, BytesReader(PATH, data))
    assert isinstance(found, FileSignature)
    return judge_file(found, ours() if held is None else held, now)


def verdict(data: bytes | How, held: Stores | Unseen | None = None, now: datetime = NOON) -> Verdict:
    return judge(data, held, now).verdict


def lacking(judged: Judged) -> list[list[str]]:
    return [[one.name for one in group] for group in judged.lacking]


# What holds


def test_an_expired_signer_with_a_time_stamp_is_valid() -> None:
    judged = judge(sample())
    assert (judged.verdict, judged.signer, judged.root) == (Verdict.VALID, "Example Security K.K.", "試験 Root CA")
    assert judged.stamped == SIGNED


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_every_digest_and_key_is_verified(digest: str, plain: bool, kind: str) -> None:
    key = rsa_key() if kind == "rsa" else ec.generate_private_key(ec.SECP384R1())
    signer = party("Signer", world().middle, purposes=[CODE_SIGNING], key=key)
    how = good(by=signer, digest=digest, plain_algorithm=plain)
    assert verdict(how) is Verdict.VALID
    data = bytearray(signed(how))
    data[0x250] ^= 1
    assert verdict(bytes(data)) is Verdict.ALTERED


def test_sha1_is_still_taken_and_md5_decides_nothing() -> None:
    signer = party("Signer", world().middle, purposes=[CODE_SIGNING], key=rsa_key())
    assert verdict(good(by=signer, digest="sha1", plain_algorithm=True)) is Verdict.VALID
    assert verdict(good(by=signer, digest="md5", file_digest=bytes(16))) is Verdict.UNKNOWN


def test_a_countersignature_of_the_old_kind_counts() -> None:
    assert verdict(good(stamps=[Stamp(world().stamper, old=True)])) is Verdict.VALID
    wrong = Stamp(world().stamper, old=True, imprint=b"another signature")
    assert verdict(good(stamps=[wrong])) is Verdict.ALTERED


def test_one_good_time_stamp_of_two_is_enough() -> None:
    other = Stamp(party("TSA 2", party("Unknown Root"), purposes=[TIME_STAMPING]))
    assert verdict(good(stamps=[other, Stamp(world().stamper)])) is Verdict.VALID


def test_signatures_inside_and_beside_are_judged_and_the_first_decides() -> None:
    plain = program()
    stranger = party("Stranger", party("Unknown Root"), purposes=[CODE_SIGNING])
    inside = signature(plain, good(by=stranger))
    judged = judge(good(nested=[inside, signature(plain, good())]))
    assert (judged.verdict, judged.further) == (Verdict.VALID, (Verdict.UNTRUSTED, Verdict.VALID))
    beside = judge(with_table(plain, signature(plain, good(by=stranger)), signature(plain, good())))
    assert (beside.verdict, beside.further) == (Verdict.UNTRUSTED, (Verdict.VALID,))


def test_signatures_inside_of_signatures_come_to_an_end() -> None:
    plain = program()
    blob = signature(plain, good())
    for _ in range(30):
        blob = signature(plain, good(nested=[blob]))
    assert len(judge(with_table(plain, blob)).further) == 7


# What does not


def test_any_changed_byte_of_the_program_is_seen() -> None:
    for at in (0x3, 0x180, 0x200, 0x4B0):
        data = bytearray(sample())
        data[at] ^= 0x40
        assert verdict(bytes(data)) is Verdict.ALTERED, at


def test_a_program_with_the_signature_of_another_is_altered() -> None:
    assert verdict(with_table(program(b"another" * 100), signature(program(), good()))) is Verdict.ALTERED


def test_a_file_that_was_appended_to_or_cut_is_altered() -> None:
    assert verdict(sample() + b"x" * 16) is Verdict.ALTERED
    assert verdict(sample()[:-16]) is Verdict.ALTERED


def test_without_a_time_stamp_the_certificate_must_be_valid_today() -> None:
    how = good(stamps=[])
    assert verdict(how) is Verdict.EXPIRED
    assert verdict(how, now=SIGNED) is Verdict.VALID
    assert verdict(how, now=SIGNED - 200 * DAY) is Verdict.EXPIRED  # not valid yet


def test_a_time_stamp_from_after_the_certificate_does_not_help() -> None:
    assert verdict(good(stamps=[Stamp(world().stamper, SIGNED + 200 * DAY)])) is Verdict.EXPIRED


def test_a_signature_that_is_to_end_with_its_certificate_does() -> None:
    end = SIGNED + 10 * DAY
    signer = party("Test", world().middle, purposes=[CODE_SIGNING, LIFETIME_SIGNING], end=end)
    assert verdict(good(by=signer)) is Verdict.EXPIRED
    assert verdict(good(by=signer), now=SIGNED) is Verdict.VALID


@pytest.mark.parametrize(
    "stamp",
    [
        Stamp(world().stamper, imprint=bytes(32)),
        Stamp(party("No stamper", world().time_middle, purposes=[CODE_SIGNING])),
        Stamp(party("TSA", party("Unknown"), purposes=[TIME_STAMPING])),
        Stamp(party("TSA", world().time_middle, purposes=[TIME_STAMPING], end=SIGNED - DAY)),
    ],
    ids=["other imprint", "purpose", "unknown root", "expired then"],
)
def test_a_bad_time_stamp_proves_nothing(stamp: Stamp) -> None:
    assert verdict(good(stamps=[stamp])) is not Verdict.VALID


def test_a_certificate_for_other_purposes_signs_no_programs() -> None:
    web = party("www.example.jp", world().middle, purposes=["1.3.6.1.5.5.7.3.1"])
    assert verdict(good(by=web)) is Verdict.MISUSED
    assert verdict(good(by=party("any", world().middle))) is Verdict.VALID
    narrow = party("Web CA", world().root, ca=True, purposes=["1.3.6.1.5.5.7.3.1"])
    assert verdict(good(by=party("x", narrow, purposes=[CODE_SIGNING]))) is Verdict.UNTRUSTED


def test_who_is_no_authority_cannot_sign_for_others() -> None:
    pretender = party("Pretender", world().signer, purposes=[CODE_SIGNING])
    assert verdict(good(by=pretender, stamps=[Stamp(world().stamper)])) is Verdict.UNTRUSTED


def test_a_name_alone_is_no_authority() -> None:
    """Same names, another key, no key numbers: only the signature tells."""
    here = world()
    false_root = party("試験 Root CA", key_ids=False)
    false_middle = party("試験 Code Signing CA", false_root, ca=True, key_ids=False)
    signer = party("Example Security K.K.", false_middle, purposes=[CODE_SIGNING], key_ids=False)
    judged = judge(good(by=signer, certificates=[signer, false_middle, here.middle]))
    assert judged.verdict is Verdict.UNTRUSTED


def test_changed_attributes_or_signatures_are_seen() -> None:
    data = sample()
    start = len(program())
    changed = 0
    for at in range(start + 8, len(data), 97):
        patched = bytearray(data)
        patched[at] ^= 1
        found = verdict(bytes(patched))
        changed += found is not Verdict.VALID
    assert changed > 10


# What is missing


def test_a_missing_root_is_named() -> None:
    here = world()
    judged = judge(sample(), stores([here.time_root]))
    assert (judged.verdict, lacking(judged)) == (Verdict.UNTRUSTED, [["試験 Root CA"]])
    both = judge(sample(), stores())
    assert (both.verdict, lacking(both)) == (Verdict.UNTRUSTED, [["試験 Root CA"], ["Example Time Root"]])
    time_only = judge(sample(), stores([here.root]))
    assert (time_only.verdict, lacking(time_only)) == (Verdict.UNTRUSTED, [["Example Time Root"]])


def test_a_root_that_is_in_the_file_and_not_in_the_store_has_its_number() -> None:
    here = world()
    judged = judge(good(certificates=[here.signer, here.middle, here.root]), stores([here.time_root]))
    assert [one.sha1 for group in judged.lacking for one in group] == [here.root.sha1]


def test_a_missing_intermediate_is_named_with_the_place_that_has_it() -> None:
    here = world()
    url = "http://cert.example.jp/middle.crt"
    end = SIGNED + 100 * DAY
    signer = party("S", here.middle, purposes=[CODE_SIGNING], end=end, url=url)
    how = good(by=signer, certificates=[signer])
    judged = judge(how)
    assert (judged.verdict, lacking(judged)) == (Verdict.UNTRUSTED, [["試験 Code Signing CA"]])
    assert judged.lacking[0][0].urls == (url,)
    assert verdict(how, ours(between=[here.middle])) is Verdict.VALID
    assert verdict(how, ours(between=None)) is Verdict.UNKNOWN


def crossed() -> tuple[Party, Party, How]:
    """An authority with a root of its own that an older root has signed too; both ways are in the file."""
    old, key = party("Old Root"), ec.generate_private_key(ec.SECP256R1())
    new = party("New Root", key=key)
    cross = party("New Root", old, ca=True, key=key)
    signer = party("S", new, purposes=[CODE_SIGNING])
    return old, new, good(by=signer, certificates=[signer, cross])


def test_any_of_the_roots_that_signed_for_each_other_will_do() -> None:
    old, new, how = crossed()
    time_root = world().time_root
    assert judge(how, stores([old, time_root])).root == "Old Root"
    assert judge(how, stores([new, time_root])).root == "New Root"
    judged = judge(how, stores([time_root]))
    assert lacking(judged) == [["Old Root"]]


def test_a_distrusted_way_is_left_for_another() -> None:
    old, new, how = crossed()
    roots = [old, new, world().time_root]
    assert judge(how, stores(roots, disallowed=[new])).root == "Old Root"
    judged = judge(how, stores(roots, disallowed=[new, old]))
    assert judged.verdict is Verdict.DISALLOWED


@pytest.mark.parametrize("who", ["root", "middle", "signer", "time_root", "stamper"])
def test_a_disallowed_certificate_wins_over_its_root(who: str) -> None:
    held = getattr(world(), who)
    judged = judge(sample(), ours(disallowed=[held]))
    assert (judged.verdict, [one.sha1 for one in judged.disallowed]) == (Verdict.DISALLOWED, [held.sha1])


def test_an_anchor_need_not_have_signed_itself() -> None:
    here = world()
    assert judge(sample(), stores([here.middle, here.time_middle])).verdict is Verdict.VALID


def test_stores_that_nobody_saw_decide_nothing_but_a_changed_file_is_changed() -> None:
    unseen = Unseen(Reason.DENIED, "ROOT")
    assert verdict(sample(), unseen) is Verdict.UNKNOWN
    assert verdict(sample()[:0x300] + b"!" + sample()[0x301:], unseen) is Verdict.ALTERED
    assert isinstance(stores_of(FakeMachine()), Unseen)


def test_a_digest_that_was_not_kept_decides_nothing() -> None:
    found = signature_of(PATH, BytesReader(PATH, sample()))
    assert isinstance(found, FileSignature)
    assert judge_file(dataclasses.replace(found, digests={}), ours(), NOON).verdict is Verdict.UNKNOWN
    empty = FileSignature(PATH, 9, SignatureForm.SIGNED)
    assert judge_file(empty, ours(), NOON).verdict is Verdict.UNKNOWN


def test_a_key_that_we_do_not_know_decides_nothing() -> None:
    signer = party("S", world().middle, purposes=[CODE_SIGNING])
    key = ed25519.Ed25519PrivateKey.generate()
    other = party("S2", world().middle, purposes=[CODE_SIGNING], key=key)  # type: ignore[arg-type]
    data = signature(program(), good(by=signer))
    swapped = dataclasses.replace(other, key=signer.key)
    assert verdict(good(by=swapped)) is Verdict.UNKNOWN
    assert data


# Hostile


def test_thousands_of_certificates_of_one_name_cost_little() -> None:
    here = world()
    key = ec.generate_private_key(ec.SECP256R1())
    many = [party("試験 Root CA", here.root, ca=True, key=key, key_ids=False) for _ in range(60)]
    looping = party("試験 Code Signing CA", many[0], ca=True, key_ids=False)
    signer = party("S", looping, purposes=[CODE_SIGNING], key_ids=False)
    how = good(by=signer, certificates=[signer, looping, *many])
    data = signed(how)
    begun = time.process_time()
    found = verdict(data, stores([here.time_root]))
    assert found in {Verdict.UNTRUSTED, Verdict.VALID}
    assert time.process_time() - begun < 2


def test_nested_sequences_do_not_recurse() -> None:
    deep = b"\x30\x00"
    for _ in range(3000):
        deep = tlv(0x30, deep)
    with pytest.raises((DerError, UnsupportedError)):
        read_authenticode(deep)
    assert verdict(with_table(program(), deep)) is Verdict.ALTERED


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"\x30\x80\0\0",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x89" + b"\xff" * 9,
        b"\x1f\x81\x01\x00",
        b"\x30\x01\x30",
        tlv(0x30, oid("1.2.840.113549.1.7.2"), tlv(0xA0, seq())),
        tlv(0x30, oid("1.2.840.113549.1.7.2"), tlv(0xA0, tlv(0x30, *[integer(1)] * 5000))),
    ],
)
def test_garbage_in_the_place_of_a_signature_is_altered(blob: bytes) -> None:
    assert verdict(with_table(program(), blob)) is Verdict.ALTERED


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for form in (data, tlv(0x30, data), tlv(0x30, oid("1.2.840.113549.1.7.2"), tlv(0xA0, tlv(0x30, data)))):
        with contextlib.suppress(DerError, UnsupportedError):
            read_authenticode(form)
        assert try_certificate(form) is None or form


@settings(max_examples=150)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=6), st.booleans())
def test_a_damaged_signature_never_breaks_and_never_trusts_another_program(at: int, patch: bytes, cut: bool) -> None:
    blob = signature(program(), good())
    at %= len(blob)
    damaged = blob[:at] + patch + (b"" if cut else blob[at + len(patch) :])
    assert verdict(with_table(program(b"other" * 60), damaged)) is not Verdict.VALID
    judge(with_table(program(), damaged))


@settings(max_examples=80)
@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_certificate_in_a_store_breaks_nothing(at: int, patch: bytes) -> None:
    der = world().root.der
    at %= len(der)
    bad = der[:at] + patch + der[at + len(patch) :]
    held = {Store.ROOT: [dataclasses.replace(world().root.stored, der=bad)], Store.CA: (), Store.DISALLOWED: ()}
    found = stores_of(FakeMachine(certificates=held))
    assert isinstance(found, Stores)
    judge(sample(), found)


def test_attributes_must_speak_of_the_content() -> None:
    assert verdict(good(attributes=[attribute("1.2.840.113549.1.9.4", tlv(4, bytes(32)))])) is Verdict.ALTERED
    assert verdict(good(file_digest=bytes(32))) is Verdict.ALTERED
