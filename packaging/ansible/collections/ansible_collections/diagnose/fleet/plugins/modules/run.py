# GNU General Public License v3.0+ (https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people read with `ansible-doc diagnose.fleet.run`; the work is done in `plugins/action/run.py`."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: run
short_description: Finds out on a computer why its endpoint-security agent does not update, upgrade or connect
description:
  - Puts one file on the host, runs it with a deadline, brings its answer to the controller, and removes what it put.
  - It changes nothing else on the host. The task is never C(changed).
  - The host needs no Python. It needs C(sh), C(tar) and C(gzip), or PowerShell 3 and .NET 4.5.
  - C(diagnose fleet run) makes the files, writes the order into them, starts the play, and turns answers into results.
options:
  posix:
    description: The program for Linux hosts, a file on the controller, with the order in it.
    type: path
  windows:
    description: The program for Windows hosts, a file on the controller, with the order in it.
    type: path
  deadline:
    description: Seconds after which the program ends itself, as in its order.
    type: int
    required: true
  grace:
    description:
      - Seconds after the deadline at which a program that hangs is ended. The whole task ends after as many again,
        which leaves so much for the transfers.
    type: int
    default: 30
  bundle:
    description: Whether to bring the bundle that the order asks for.
    type: bool
    default: false
  dest:
    description:
      - A folder on the controller. C(answer.zip), C(bundle.zip) and C(map.json) of a host go into a folder in it that
        has the host's name in the inventory, with other characters than letters, digits and C(-._~) as in a URL.
      - What arrives is from the host and has not been looked at.
    type: path
    required: true
attributes:
  check_mode:
    description: It does not run in check mode, which has nothing to check.
    support: none
author: diagnose
"""

EXAMPLES = r"""
- name: Look at all clients
  hosts: clients
  gather_facts: false
  tasks:
    - name: Run it
      diagnose.fleet.run:
        posix: ./play/program-linux.gz
        windows: ./play/program-windows.zip
        deadline: 180
        dest: ./incoming
"""

RETURN = r"""
folder:
  description: The folder in O(dest).
  type: str
  returned: always
brought:
  description: The files that came.
  type: list
  elements: str
  returned: success
reason:
  description: >-
    Why there is no answer: V(no-program), V(not-sent), V(no-space), V(not-unpacked), V(no-answer), V(late) or
    V(interrupted).
  type: str
  returned: failure
"""
