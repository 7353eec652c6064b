"""What a Linux or macOS computer is and has, by psutil and /etc/os-release."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import stat
from collections.abc import Mapping
from datetime import tzinfo

from diagnose.machine.live_system import MIB, boot_time, nominal_mhz
from diagnose.machine.values import Disk, Platform, Reason, System, Unseen

_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"} | dict.fromkeys(
    ("i386", "i486", "i586", "i686", "x86"), "x86"
)
# Images that are full by nature; snap packages mount dozens of them.
_READ_ONLY_IMAGES = frozenset({"squashfs", "iso9660", "udf", "erofs", "cramfs"})


def system(this_platform: Platform, environ: Mapping[str, str], zone: tzinfo | None) -> System:
    """Every field that this computer tells; `zone` is that of the boot time."""
    import psutil

    name, version = _os_name(this_platform)
    memory = psutil.virtual_memory()
    return System(
        hostname=socket.gethostname() or None,
        os_name=name,
        os_version=version,
        os_language=_language(environ),
        architecture=_ARCHITECTURES.get(platform.machine().lower()),
        cores=psutil.cpu_count(logical=False) or psutil.cpu_count(),
        mhz=nominal_mhz(),
        memory_total_mb=memory.total // MIB,
        memory_available_mb=memory.available // MIB,
        boot_time=boot_time(zone),
        elevated=os.geteuid() == 0,
    )


def disks() -> tuple[Disk, ...] | Unseen:
    """Mounted file systems that hold data, one for each device, sorted by path.

    Network mounts are left out: asking a dead server about its space would hang. Whoever calls sets the deadline.
    """
    import psutil

    try:
        partitions = psutil.disk_partitions(all=False)
    except (psutil.Error, OSError) as error:
        return Unseen(Reason.FAILED, "disks", str(error))
    mounts = [partition.mountpoint for partition in partitions if partition.fstype not in _READ_ONLY_IMAGES]
    by_device: dict[int, Disk] = {}
    # The root first: in a container it is no partition, and elsewhere it is the best name of its device.
    for mount in ["/", *sorted(mounts, key=len)]:
        # A mount may vanish, and be closed to us.
        with contextlib.suppress(OSError):
            status = os.stat(mount)  # noqa: PTH116
            if stat.S_ISDIR(status.st_mode) and status.st_dev not in by_device:
                usage = psutil.disk_usage(mount)
                by_device[status.st_dev] = Disk(mount, usage.total // MIB, usage.free // MIB)
    return tuple(sorted((disk for disk in by_device.values() if disk.total_mb), key=lambda disk: disk.path))


def _os_name(this_platform: Platform) -> tuple[str | None, str | None]:
    if this_platform is Platform.MACOS:
        return "macOS", platform.mac_ver()[0] or None
    try:
        release = platform.freedesktop_os_release()
    except (OSError, ValueError):
        return None, None
    return release.get("PRETTY_NAME") or release.get("NAME"), release.get("VERSION_ID")


def _language(environ: Mapping[str, str]) -> str | None:
    """`ja_JP.UTF-8` as `ja-JP`; the locale of the one who runs us stands for the computer's."""
    value = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    language = value.partition(".")[0].partition("@")[0].replace("_", "-")
    return None if language in ("", "C", "POSIX") else language
