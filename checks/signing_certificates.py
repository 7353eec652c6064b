"""Whether Windows trusts the roots that the product's files are signed under, and can fetch missing ones by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checks._certificate import CODE_SIGNING, all_names, try_certificate
from checks._chains import Trust, chain_of, stores_of
from checks._registry import as_number, registry_value
from checks._root_source import LIST_URL, root_source_reachable
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DYN, INT, STRING, enum_of, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Certificate, Reason, Store, Unseen
from diagnose.specs import CertificateSpec, Spec
from diagnose.text import Text


class Parameters(Spec, frozen=True):
    """The roots, the policy that stops Windows from fetching roots, and where it fetches them."""

    required: tuple[CertificateSpec, ...]
    policy_key: str = r"HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot"
    policy_value: str = "DisableRootAutoUpdate"
    root_list: str = LIST_URL


EVIDENCE = {
    "missing": list_of(STRING),
    "missing_certificates": list_of(STRING),
    "maybe_missing": list_of(STRING),
    "replaced": list_of(STRING),
    "disallowed": list_of(STRING),
    "disallowed_certificates": list_of(STRING),
    "reasons": DYN,
    "root_update": enum_of(("on", "off")),
    "root_source_reachable": BOOL,
    "checked": INT,
}
_Stored = tuple[Certificate, ...] | Unseen


@dataclass(frozen=True, slots=True)
class _Required:
    """The roots that are needed, and those of which this cannot be told."""

    surely: tuple[CertificateSpec, ...]
    maybe: tuple[CertificateSpec, ...]


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`maybe_missing` holds roots that are absent while it is unknown whether they are needed. `replaced` holds roots
    that are absent and not needed: another authority that is trusted here has signed the same one.

    `root_source_reachable` is asked only when a root is missing. `reasons` says why the missing roots are needed; when
    none is missing, why the disallowed ones are.
    """
    required = _required(context, parameters)
    root, disallowed = (context.machine.certificates(store) for store in (Store.ROOT, Store.DISALLOWED))
    replaced = _replaced(context, _absent(required.surely, root))
    missing = _without(_absent(required.surely, root), replaced)
    distrusted = _present(required.surely, disallowed)
    return {
        "missing": _ids(missing, Store.ROOT),
        "missing_certificates": _names(missing, Store.ROOT),
        "maybe_missing": _ids(_absent(required.maybe, root), Store.ROOT),
        "replaced": _ids(replaced, Store.CA),
        "disallowed": _ids(distrusted, Store.DISALLOWED),
        "disallowed_certificates": _names(distrusted, Store.DISALLOWED),
        "reasons": _reasons(missing, distrusted),
        "root_update": _root_update(context.machine, parameters),
        "root_source_reachable": _source(context.machine, parameters, missing),
        "checked": Saw(len(required.surely) + len(required.maybe)),
    }


_Found = tuple[CertificateSpec, ...] | Unseen


def _required(context: Context, parameters: Parameters) -> _Required:
    decided = [(spec, context.applies(spec.when)) for spec in parameters.required]
    return _Required(
        tuple(spec for spec, applies in decided if applies is True),
        tuple(spec for spec, applies in decided if isinstance(applies, Unseen)),
    )


def _absent(specs: Sequence[CertificateSpec], store: _Stored) -> _Found:
    if isinstance(store, Unseen):
        return store
    held = {certificate.sha1.upper() for certificate in store}
    return tuple(spec for spec in specs if spec.sha1 not in held)


def _without(found: _Found, others: _Found) -> _Found:
    if isinstance(found, Unseen) or isinstance(others, Unseen):
        return found
    return tuple(spec for spec in found if spec not in others)


def _replaced(context: Context, absent: _Found) -> _Found:
    """Those of the absent roots of which a cross-signed certificate is here that leads to a trusted root."""
    if isinstance(absent, Unseen) or not absent:
        return absent
    stores = stores_of(context.machine)
    if isinstance(stores, Unseen):
        return stores
    held = context.machine.certificates(Store.CA)
    crossed = [one for der in held if (one := try_certificate(der.der))] if isinstance(held, tuple) else []

    def has_other_way(spec: CertificateSpec) -> bool:
        own = (one for one in crossed if spec.subject in all_names(one.subject) and not one.self_issued)
        return any(chain_of(one, (), stores, context.now, CODE_SIGNING).trust is Trust.TRUSTED for one in own)

    return tuple(spec for spec in absent if has_other_way(spec))


def _source(machine: Machine, parameters: Parameters, missing: _Found) -> Sighting:
    if isinstance(missing, Unseen):
        return missing
    return root_source_reachable(machine, parameters.root_list) if missing else Unseen(Reason.NO_SOURCE, "missing")


def _present(specs: Sequence[CertificateSpec], store: _Stored) -> _Found:
    absent = _absent(specs, store)
    return absent if isinstance(absent, Unseen) else tuple(spec for spec in specs if spec not in absent)


def _ids(found: _Found, store: Store) -> Sighting:
    return found if isinstance(found, Unseen) else Saw(tuple(spec.id for spec in found), _where(store))


def _names(found: _Found, store: Store) -> Sighting:
    if isinstance(found, Unseen):
        return found
    return Saw(tuple(f"{spec.subject} (SHA-1 {spec.sha1})" for spec in found), _where(store))


def _where(store: Store) -> str:
    return f"LocalMachine\\{store}"


def _each_once(specs: Sequence[CertificateSpec]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(spec.why for spec in specs))


def _reasons(missing: _Found, disallowed: _Found) -> Sighting:
    if not isinstance(missing, Unseen) and missing:
        return Saw(_each_once(missing), _where(Store.ROOT))
    if not isinstance(disallowed, Unseen) and disallowed:
        return Saw(_each_once(disallowed), _where(Store.DISALLOWED))
    unseen = next((found for found in (missing, disallowed) if isinstance(found, Unseen)), None)
    return unseen or Saw(())


def _root_update(machine: Machine, parameters: Parameters) -> Sighting:
    value = registry_value(machine, parameters.policy_key, parameters.policy_value)
    match value:
        case Unseen():
            return value
        case Absent():
            return Saw("on", value.where)
        case _:
            number = as_number(value.data)
            if number is None:
                return Unseen(Reason.MALFORMED, value.where, str(value.data)[:200])
            return Saw("off" if number == 1 else "on", value.where)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=25.0)
