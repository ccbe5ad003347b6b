"""The servers and clients of `scripts/bench live`: started here, and ended by their process ids."""
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """CPU time of a process, with the threads that have ended: clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


def resident_mib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def get(port, path, body=None, seconds=60):
    """Status and body of a request."""
    headers = {"Content-Type": "application/json"} if body else {}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data=body, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Process:
    """A program that ends with its block, whatever happens in it."""

    def __init__(self, command, env=None, out=None):
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE,
            stdout=out or subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=dict(os.environ, **(env or {})))
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        for end in (self.process.terminate, self.process.kill):
            try:
                self.process.wait(15)
                break
            except subprocess.TimeoutExpired:
                end()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def ended(self):
        """What it printed, once it has ended by itself."""
        return self.process.communicate(timeout=600)[0]


class Peer(Process):
    """A program in C that is told its port and ended by its id."""

    def __exit__(self, *rest):
        if self.process.poll() is None:
            self.process.terminate()
        super().__exit__(*rest)


class Still(Process):
    """Hub and front alone."""

    def __init__(self, program, directory, hz):
        super().__init__([program, "still", directory, hz])
        self.port = int(self.process.stdout.readline().split()[1])


class Live(Process):
    """The live server; its settings are the environment's."""

    def __init__(self, program, place, **settings):
        place.mkdir()
        log = place / "log"
        env = {"JOURNAL_DIR": place / "journal", "LOG_FILE": log, "PORT": 0, **settings}
        super().__init__([program, "live"], {name: str(value) for name, value in env.items()},
                         subprocess.DEVNULL)
        self.port = 0
        until = time.monotonic() + 30
        while not self.port:
            text = log.read_text(encoding="utf-8") if log.exists() else ""
            found = re.search(r"http:\\?/\\?/127\.0\.0\.1:(\d+)", text)
            if found:
                self.port = int(found.group(1))
            elif time.monotonic() > until or self.process.poll() is not None:
                self.__exit__()
                raise SystemExit(f"bench: the live server did not start\n{text}")
            else:
                time.sleep(0.1)
