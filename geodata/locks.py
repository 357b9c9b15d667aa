"""Doors that a process closes behind itself before it reads a stranger's bytes.

Only the standard library and the kernel's own interface: what runs behind closed doors must not
need anything to close them. Each lock stands alone; a kernel that lacks one leaves the others.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from errno import EACCES
from pathlib import Path
from typing import Final

NOBODY: Final = 65534
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_FILTER: Final = 2
_LOAD, _IF_EQUAL, _IF_NOT_BELOW, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | EACCES
_X32: Final = 0x40000000
# Audit name of the machine, then its numbers of: socket, connect, execve, execveat, ptrace,
# io_uring_setup. Source: Linux, arch/x86/entry/syscalls/syscall_64.tbl and asm-generic/unistd.h.
_MACHINES: Final = {
    "x86_64": (0xC000003E, (41, 42, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 117, 425)),
}
# Source: Linux, include/uapi/linux/landlock.h.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EVERYTHING: Final = (1 << 13) - 1
_READING: Final = 0b1101
"""Execute (map a library), read a file, list a folder."""
_PATH_BENEATH: Final = 1


def limit(kind: int, most: int) -> None:
    """Lower one limit of `resource`, soft and hard."""
    resource.setrlimit(kind, (most, most))


def bound(*, memory: int, cpu_s: int, output_bytes: int, files: int) -> None:
    """Bound memory (bytes), processor time, the size of a file and how many are open."""
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_AS, memory)
    limit(resource.RLIMIT_CPU, cpu_s)
    limit(resource.RLIMIT_FSIZE, output_bytes)
    limit(resource.RLIMIT_NOFILE, files)


def give_up(*, reads: Iterable[str], writes: str) -> None:
    """Give up network, privileges, new programs and foreign files for good.

    Args:
        reads: folders and files that may still be read.
        writes: the one folder that may be written.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # Fails without the right to do so; the filter below refuses sockets all the same.
    libc.unshare(_CLONE_NEWNET)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _fence(libc, reads, writes)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    _filter(libc)
    # After setuid, which clears it: this process does not outlive the worker that started it.
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def own_files() -> list[str]:
    """List where Python, its packages and the system's libraries lie."""
    found = [sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/etc/ld.so.cache"]
    return [path for path in dict.fromkeys(found) if Path(path).exists()]


def _filter(libc: ctypes.CDLL) -> None:
    """Refuse sockets, connections and other programs; an unknown machine has no filter."""
    if platform.machine() not in _MACHINES:
        return
    machine, refused = _MACHINES[platform.machine()]
    # A jump counts the lines that it leaves out; the last line refuses.
    most = len(refused)
    lines = [
        (_LOAD, 0, 0, 4),
        (_IF_EQUAL, 0, most + 3, machine),
        (_LOAD, 0, 0, 0),
        (_IF_NOT_BELOW, most + 1, 0, _X32),
        *((_IF_EQUAL, most - at, 0, number) for at, number in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    program = b"".join(struct.pack("HBBI", *line) for line in lines)
    kept = ctypes.create_string_buffer(program)
    head = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(kept))
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, head, 0, 0)


def _fence(libc: ctypes.CDLL, reads: Iterable[str], writes: str) -> None:
    """Leave only some folders in reach (Landlock); a kernel without it leaves all."""
    rules = libc.syscall(_CREATE_RULESET, struct.pack("Q", _EVERYTHING), 8, 0)
    if rules < 0:
        return
    for path, access in [*((one, _READING) for one in reads), (writes, _EVERYTHING)]:
        allowed = access if Path(path).is_dir() else access & 0b111
        place = os.open(path, os.O_PATH)
        libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", allowed, place), 0)
        os.close(place)
    libc.syscall(_RESTRICT_SELF, rules, 0)
    os.close(rules)
