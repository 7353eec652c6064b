"""What psutil says in the same way on every operating system."""

from __future__ import annotations

from datetime import datetime, tzinfo

from diagnose.machine.values import ListeningPort, Process, Reason, Unseen

MIB = 1024 * 1024


def processes() -> tuple[Process, ...] | Unseen:
    """All processes; the path of one that belongs to somebody else may be empty."""
    import psutil

    try:
        running = tuple(psutil.process_iter(["name", "exe"]))
    except (psutil.Error, OSError) as error:
        return Unseen(Reason.FAILED, "processes", str(error))
    # With attributes asked for, psutil keeps what it could read in `info` and None for the rest.
    return tuple(
        Process(str(process.info["name"] or ""), process.pid, str(process.info["exe"] or "")) for process in running
    )


def listening_ports() -> tuple[ListeningPort, ...] | Unseen:
    """TCP ports on which something listens, sorted; the process of another user's may be empty."""
    import psutil

    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied as error:
        return Unseen(Reason.DENIED, "listening ports", str(error))
    except (psutil.Error, OSError, RuntimeError) as error:
        return Unseen(Reason.FAILED, "listening ports", str(error))
    found = {
        (connection.laddr.port, connection.laddr.ip, _process_name(connection.pid))
        for connection in connections
        if connection.status == psutil.CONN_LISTEN and connection.laddr
    }
    return tuple(ListeningPort(address, port, process) for port, address, process in sorted(found))


def nominal_mhz() -> int | None:
    """Of the processor; virtual machines and some ARM boards do not tell."""
    import psutil

    try:
        frequency = psutil.cpu_freq()
    except (psutil.Error, OSError, NotImplementedError, RuntimeError):
        return None
    return int(frequency.max or frequency.current) or None if frequency else None


def boot_time(zone: tzinfo | None) -> datetime | None:
    """In `zone`."""
    import psutil

    try:
        return datetime.fromtimestamp(psutil.boot_time(), zone).astimezone(zone)
    except (psutil.Error, OSError, ValueError, OverflowError, RuntimeError):
        return None


def _process_name(pid: int | None) -> str:
    import psutil

    if pid is None:
        return ""
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return ""
