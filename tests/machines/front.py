"""nginx in front, with the documented configuration but for its certificate; who asked whom stands in access.log."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGHUP

from tests.machines import network
from tests.machines.documented import proxy

WEB_PORT = 8000
MACHINES = ("a", "b")
SETTLES_S = 2.0
"""What the document tells people to wait after a reload."""


class Front:
    """Started at once. Nobody stops it: it goes with the world it is in."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._file = folder / "nginx.conf"
        self._write()
        command = ["nginx", "-p", str(folder), "-c", str(self._file), "-e", str(folder / "error.log")]
        self._process = subprocess.Popen(command)

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Meanwhile nobody is sent to this machine."""
        self._reload(name)
        try:
            yield
        finally:
            self._reload("")

    def _reload(self, left_out: str) -> None:
        self._write(left_out)
        self._process.send_signal(SIGHUP)
        time.sleep(SETTLES_S)

    def _write(self, left_out: str = "") -> None:
        folder = self._file.parent
        webs = "\n    ".join(
            f"server {network.ADDRESSES[name]}:{WEB_PORT}{' down' if name == left_out else ''};"
            for name in MACHINES
        )
        site = proxy().replace("server 127.0.0.1:8000;", webs)
        site = site.replace("listen 443 ssl;", f"listen {network.OURS}:80;").replace(
            "help.example.org", network.OURS
        )
        self._file.write_text(f"""
user root; daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
log_format who '$msec $status $request_method $uri $upstream_addr $upstream_status $request_time';
access_log {folder}/access.log who;
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{site}
}}
""")
