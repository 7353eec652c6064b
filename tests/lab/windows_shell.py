"""The login shell on a host that passes for a Windows: carries out the two lines of `remote/windows.py`, as cmd would.

Not a Windows: it shows that lines, names and files fit each other over a real SSH and SFTP.
"""

import re
import subprocess
import sys

REFUSED = "'exec' is not recognized as an internal or external command,"


def main() -> int:
    line = re.fullmatch(r'cmd\.exe /d /c "(.*)"', sys.argv[-1])
    if line is None:
        print(REFUSED, file=sys.stderr)
        return 1
    if removal := re.fullmatch(r"rmdir /s /q (\S+) & \(if exist \1 exit 9\) & exit 0", line[1]):
        return subprocess.run(["rm", "-rf", removal[1]], check=False).returncode
    ran = re.fullmatch(r"cd (\S+) && \((\S+) -xf program\.zip \|\| .*\) && (.*)", line[1])
    if ran is None:
        return 1
    subprocess.run([sys.executable, "-m", "zipfile", "-e", "program.zip", "."], cwd=ran[1], check=True)
    words = ran[3].replace("\\", "/").split()
    return subprocess.run(["sh", *words], cwd=ran[1], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
